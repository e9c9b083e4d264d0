"""`cutmix mix` on several ranks: the same bytes for any number of them, only boxes travel, errors reach every rank.

check_ranks.py MPIRUN CUTMIX [PART], of bytes, stopped, apart: mostly waiting for mpirun, so they run side by side."""
import json
import os
import pathlib
import random
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time

os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"  # Open MPI has its own
mpirun, cutmix = sys.argv[1], os.path.abspath(sys.argv[2])
LAUNCH = [mpirun, "--allow-run-as-root", "--oversubscribe", "--mca", "btl", "self,vader,tcp"]
ENVIRONMENT = {**os.environ, "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_plm_rsh_agent": "sh"}


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=240, **options)


def mix(ranks, out, *arguments):
    launch = LAUNCH + ["-n", str(ranks)] if ranks > 1 else []
    return run(launch + [cutmix, "mix", *arguments, "--out", str(out)])


def tree(folder):
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def refused(done, ranks, *words):
    """Every rank says in one line of its own what is wrong."""
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    lines = [line for line in done.stderr.splitlines() if line.startswith("cutmix: ")]
    assert len(lines) == ranks, done.stderr
    for rank in range(ranks):
        assert any(f"rank {rank} of {ranks}: " in line for line in lines), (rank, done.stderr)
    for word in words:
        assert any(word in line for line in lines), (word, done.stderr)


def npy(path, descr, shape, data):
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (117 - len(header)) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00\x76\x00" + header.encode() + data)
    return str(path)


def moved_bytes(plans, channels, size, ranks):
    """What has to travel, from the plans: the boxes whose partner another rank has."""
    total = 0
    for plan in plans:
        n = plan["shape"][0]
        owner = [rank for rank in range(ranks) for _ in range(n * rank // ranks, n * (rank + 1) // ranks)]
        for i, j in enumerate(plan["partner"]):
            box = plan["boxes"][i if len(plan["boxes"]) > 1 else 0]
            area = (box["y1"] - box["y0"]) * (box["x1"] - box["x0"])
            if area == 0 and (plan["lambda"][i] if len(plan["lambda"]) > 1 else plan["lambda"][0]) < 1:
                area = plan["shape"][1] * plan["shape"][2]
            total += channels * area * size * (owner[i] != owner[j])
    return total


def same_bytes(folder):
    """For any number of ranks; and what travels is what the plans say."""
    numbers = random.Random(1)
    cifar = folder / "train.bin"
    cifar.write_bytes(b"".join(bytes([i % 10]) + numbers.randbytes(3072) for i in range(100)))
    floats = npy(folder / "x.npy", "<f4", "(11, 2, 9, 7)", struct.pack("<1386f", *(numbers.random() for _ in range(1386))))
    labels = npy(folder / "y.npy", "|u1", "(11,)", bytes(i % 3 for i in range(11)))

    jobs = [
        ([str(cifar), "--batch", "16", "--shard", "3", "--epochs", "2", "--shuffle", "--per-sample", "--format", "own"], 3, 1),
        ([floats, "--labels", labels, "--batch", "4", "--mixup", "--per-sample", "--prob-per-sample", "--prob", "0.7"], 2, 4),
        ([floats, "--labels", labels, "--batch", "1"], 2, 4),
        ([floats, "--labels", labels, "--length", "0.5", "--partner", "0,0,0,0,1,1,2,2,3,9,10"], 2, 4),
        ([floats, "--labels", labels, "--batch", "4", "--sampling", "exact", "--pairing", "derangement"], 2, 4),
    ]
    for job, (arguments, channels, size) in enumerate(jobs):
        first = None
        for ranks in (1, 2, 3, 4) if job < 2 else (1, 3):
            out = folder / f"{job}-{ranks}"
            done = mix(ranks, out, *arguments, "--seed", "6")
            assert done.returncode == 0, done.stderr
            first = first or tree(out)
            assert tree(out) == first, (arguments, ranks)
            plans = [json.loads(line) for f in out.rglob("plan*") for line in f.read_text().splitlines()]
            found = re.search(r"moved +(\d+) bytes of boxes", done.stdout)
            assert (ranks > 1) == bool(found), done.stdout
            if found:
                assert int(found[1]) == moved_bytes(plans, channels, size, ranks), (arguments, ranks, done.stdout)
        assert len(first) > 3


def stopped(folder):
    """A rank is killed; another number of ranks goes on."""
    numbers = random.Random(1)
    large = folder / "large.bin"
    large.write_bytes(b"".join(bytes([i % 10]) + numbers.randbytes(3072) for i in range(1500)))
    long = [str(large), "--batch", "10", "--per-sample", "--seed", "3"]
    assert mix(1, folder / "whole", *long).returncode == 0
    whole = tree(folder / "whole")
    out, kills = folder / "killed", 0
    for ranks in (3, 2, 4):
        process = subprocess.Popen(LAUNCH + ["-n", str(ranks), cutmix, "mix", *long, "--out", str(out)], env=ENVIRONMENT,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        before = len(list(out.glob("mixed-*.npy"))) if out.exists() else 0
        while process.poll() is None and (not out.exists() or len(list(out.glob("mixed-*.npy"))) < before + 3):
            time.sleep(0.001)
        victims = []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "environ").read_bytes().split(b"\0")
                is_rank = os.readlink(entry / "exe") == os.path.realpath(cutmix)
            except OSError:
                continue
            if is_rank and b"OMPI_COMM_WORLD_RANK=%d" % (ranks - 1) in words and str(out).encode() in (entry / "cmdline").read_bytes():
                victims.append(int(entry.name))
        for victim in victims:
            os.kill(victim, signal.SIGKILL)
        said = process.communicate(timeout=120)[1]
        if process.returncode != 0:
            kills += 1
            assert f"rank {ranks - 1}" in said, said
        for file, content in tree(out).items():
            if file in whole and file != "manifest.jsonl":
                assert content == whole[file], file
    assert kills > 0, "no rank was killed while it worked"
    done = mix(3, out, *long)
    assert done.returncode == 0 and re.search(r"found +[1-9]\d* of 150 shards whole", done.stdout), (done.stdout, done.stderr)
    assert tree(out) == whole

    # Stopped from the keyboard: what has its name is whole, the rest (mpirun kills soon) is gone once it goes on.
    out = folder / "interrupted"
    process = subprocess.Popen(LAUNCH + ["-n", "3", cutmix, "mix", *long, "--out", str(out)], env=ENVIRONMENT,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not (out / "mixed-00002.npy").exists():
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    assert process.wait(120) != 0, "done before it was interrupted: more images are needed"
    left = tree(out)
    assert all(left[file] == whole[file] for file in left.keys() & whole.keys() - {"manifest.jsonl"})
    assert all(file.endswith(".tmp") for file in left.keys() - whole.keys()), sorted(left)
    assert mix(2, out, *long).returncode == 0 and tree(out) == whole, sorted(tree(out).keys() ^ whole.keys())

    # A full disk, and another number of ranks once there is room.
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o"]
    if os.geteuid() == 0 and run([*mount, "size=1m", "none", str(disk)]).returncode == 0:
        try:
            refused(mix(2, disk, *long), 2, "No space left on device")
            assert all(content == whole[file] for file, content in tree(disk).items() if file != "manifest.jsonl")
            assert run([*mount, "remount,size=20m", "none", str(disk)]).returncode == 0
            done = mix(3, disk, *long)
            assert done.returncode == 0 and re.search(r"found +[1-9]\d* of 150", done.stdout), (done.stdout, done.stderr)
            assert tree(disk) == whole
        finally:
            run(["umount", str(disk)])
    else:
        print("a full disk was not tried: this user cannot mount one")

    # An input that is cut while ranks read it.
    cut = folder / "cut.bin"
    cut.write_bytes(large.read_bytes())
    process = subprocess.Popen(LAUNCH + ["-n", "2", cutmix, "mix", str(cut), *long[1:], "--out", str(folder / "cut")],
                               env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not (folder / "cut" / "mixed-00002.npy").exists():
        time.sleep(0.001)
    os.truncate(cut, 3073 * 20)
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 2 and ("stays as it is" in said or "got shorter" in said), said


def apart_from_each_other(folder):
    """Ranks that see different things."""
    here, there = folder / "here", folder / "there"
    for place, seed in ((here, 1), (there, 2)):
        place.mkdir()
        npy(place / "x.npy", "|u1", "(40, 1, 8, 8)", random.Random(seed).randbytes(2560))
        npy(place / "y.npy", "|u1", "(40,)", bytes(i % 4 for i in range(40)))

    def apart(out, second=(), command=(cutmix,), where=there, first=()):
        arguments = ["mix", "x.npy", "--labels", "y.npy", "--batch", "8", "--out", str(out)]
        return run(LAUNCH + ["-n", "1", "-wdir", str(here), cutmix, *arguments, *first, ":",
                             "-n", "1", "-wdir", str(where), *command, *arguments, *second])

    out = folder / "apart"
    refused(apart(out), 2, "rank 1 of 2: input: expected the files and flags of rank 0", "stopped, as rank 1 of 2 failed")
    refused(apart(out, ["--seed", "7"], where=here), 2, "seed: 7 and 0 of rank 0")
    (there / "x.npy").unlink()
    refused(apart(out), 2, "rank 1 of 2: x.npy: expected a readable file")
    assert not out.exists()
    (there / "x.npy").write_bytes((here / "x.npy").read_bytes())
    refused(apart(out, ["--out", str(there / "own")]), 2, "rank 1 of 2", "one folder for all ranks")

    # Another run's manifest; and a disk that is full for one rank: what is whole stays, and the run goes on from it.
    assert mix(2, out, str(here / "x.npy"), "--labels", str(here / "y.npy"), "--batch", "8").returncode == 0
    whole = tree(out)
    refused(mix(2, out, str(here / "x.npy"), "--labels", str(here / "y.npy"), "--batch", "8", "--seed", "1"), 2,
            "manifest.jsonl: expected the manifest of this run", "seed: 1 and 0")
    assert tree(out) == whole
    for file in out.glob("*-0000[34].*"):
        file.unlink()
    limited = ["sh", "-c", 'ulimit -f 0; exec "$0" "$@"', cutmix]
    refused(apart(out, command=limited), 2, "rank 1 of 2: " + str(out), "File too large")
    kept = tree(out)
    assert all(kept[file] == whole[file] for file in kept if file != "manifest.jsonl")
    assert len(kept) == len(whole) - 6
    done = apart(out)
    assert done.returncode == 0 and tree(out) == whole, done.stderr


parts = {"bytes": same_bytes, "stopped": stopped, "apart": apart_from_each_other}
for part in sys.argv[3:] or parts:
    with tempfile.TemporaryDirectory() as name:
        parts[part](pathlib.Path(name))
