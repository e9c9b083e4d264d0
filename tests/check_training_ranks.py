"""Data-parallel training: the loss curve of several ranks is that of one process, up to rounding.

check_training_ranks.py MPIRUN TRAIN"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from training_data import write_idx  # noqa: E402

os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"  # Open MPI has its own
mpirun, program = sys.argv[1:]
LAUNCH = [mpirun, "--allow-run-as-root", "--oversubscribe", "-n"]


def train(ranks, folder, *arguments):
    launch = LAUNCH + [str(ranks)] if ranks > 1 else []
    return subprocess.run(launch + [program, "--out", str(folder), *arguments], capture_output=True, text=True, timeout=240)


def losses(folder):
    return [run["curve"] for run in json.loads((folder / "results.json").read_text())["runs"]]


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    data = ["--train", write_idx(folder, "train", 160, 1), "--test", write_idx(folder, "test", 60, 2), "--images", "120",
            "--held-out", "40", "--batch", "15", "--epochs", "4"]
    assert train(1, folder / "1", "--compare", "--seeds", "1", *data, "--threads", "1").returncode == 0
    expected, worst, first = losses(folder / "1"), 0, 0
    for ranks in (2, 3):
        done = train(ranks, folder / str(ranks), "--compare", "--seeds", "1", *data)
        assert done.returncode == 0, done.stderr
        assert f"{ranks} ranks, each sent" in done.stdout, done.stdout
        for one, other in zip(expected, losses(folder / str(ranks)), strict=True):
            for epoch, (a, b) in enumerate(zip(one, other, strict=True)):
                apart = abs(a["train_loss"] - b["train_loss"]) / a["train_loss"]
                first = max(first, apart if epoch == 0 else 0)
                worst = max(worst, apart)
    # The same number of ranks gives the same bits.
    assert train(2, folder / "again", "--compare", "--seeds", "1", *data).returncode == 0
    assert losses(folder / "again") == losses(folder / "2")
    print(f"relative difference of the loss: {first:.1e} in the first epoch, {worst:.1e} in all")
    assert 0 < first < 2e-6 and worst < 2e-5, (first, worst)

    # Two ranks go on where three were stopped; what two more epochs give differs from three ranks' by rounding.
    one = ["--method", "cutmix", *data]
    assert train(3, folder / "resumed", *one).returncode == 0
    (folder / "resumed" / "results.json").unlink()
    assert train(2, folder / "resumed", *one, "--resume").returncode == 0
    assert losses(folder / "resumed")[0][-1]["train_loss"] > 0

    # Ranks with other files or flags.
    command = [program, "--out", str(folder / "bad"), *one]
    other = [program, "--out", str(folder / "bad"), *one, "--rate", "0.01"]
    done = subprocess.run(LAUNCH + ["1", *command, ":", "-n", "1", *other], capture_output=True, text=True, timeout=240)
    assert done.returncode == 2 and "train: rank 1 of 2: input: expected the files and flags of rank 0" in done.stderr, done.stderr
    assert "train: rank 0 of 2: stopped, as rank 1 of 2 failed" in done.stderr
