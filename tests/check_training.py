"""The training example as a user meets it: results that do not depend on threads, a killed run that goes on, bad files.

check_training.py TRAIN"""
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from training_data import write_idx  # noqa: E402

program = sys.argv[1]


def train(folder, *arguments, **options):
    return subprocess.run([program, "--out", str(folder), *arguments], capture_output=True, text=True, **options)


def results(folder):
    runs = json.loads((folder / "results.json").read_text())["runs"]
    for run in runs:
        del run["seconds"]
    return runs


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    sizes = ["--held-out", "40", "--batch", "8"]
    test = ["--test", write_idx(folder, "test", 60, 2)]
    files = ["--train", write_idx(folder, "train", 160, 1), *test]
    data = [*files, *sizes, "--images", "120"]
    compare = [*data, "--compare", "--seeds", "2", "--epochs", "3"]

    done = train(folder / "one", *compare, "--threads", "1")
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "a bar without a terminal"
    assert train(folder / "two", *compare, "--threads", "2").returncode == 0
    assert len(results(folder / "one")) == 10
    assert results(folder / "one") == results(folder / "two")
    for file in ("results.md", "curves.svg"):
        assert (folder / "one" / file).read_text().count("cutmix+smoothing") == 1
    assert "| none |" in done.stdout and (folder / "one" / "results.md").read_text() in done.stdout

    cifar = folder / "data_batch.bin"
    cifar.write_bytes(b"".join(bytes([i % 10]) + random.Random(i).randbytes(3072) for i in range(30)))
    done = train(folder / "colour", "--train", str(cifar), "--test", str(cifar), "--images", "20", "--held-out", "10",
                 "--batch", "10", "--epochs", "1")
    assert done.returncode == 0 and "| cutmix |" in done.stdout, done.stderr

    # Killed at some moment after its first epoch, until it has been killed within its work.
    long = [*data, "--method", "cutmix", "--epochs", "60"]
    assert train(folder / "whole", *long).returncode == 0
    killed = folder / "killed"
    process = subprocess.Popen([program, "--out", str(killed), *long])
    while not (killed / "cutmix-0.run").exists():
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "too fast to kill: more epochs are needed"
    assert not (killed / "results.json").exists()
    assert train(killed, *long, "--resume").returncode == 0
    assert results(killed) == results(folder / "whole")

    # Bad input: one line that names what is wrong.
    (folder / "broken").mkdir()
    broken = folder / "broken" / "cutmix-0.run"
    broken.write_bytes((killed / "cutmix-0.run").read_bytes()[:1000])
    for arguments, word in [
        ([*files, *sizes, "--images", "121"], "161 images"),
        ([*files, "--held-out", "40", "--images", "120", "--batch", "121"], "recipe.batch"),
        (["--train", str(folder / "nothing"), *test], "nothing"),
        (["--train", str(broken), *test], "cutmix-0.run"),
        ([*data, "--method", "cutmax"], "cutmax"),
        (["--resume", *data, "--epochs", "60"], "cutmix-0.run"),
        (["--resume", *data, "--epochs", "61"], "another run"),
    ]:
        bad = folder / "broken" if arguments[-1] == "60" else killed
        failed = train(bad, *arguments)
        assert failed.returncode == 2 and failed.stderr.count("\n") == 1 and word in failed.stderr, failed.stderr
    if os.geteuid() != 0:
        (folder / "locked").mkdir(mode=0o500)
        assert train(folder / "locked", *long).returncode == 2
