"""check_verify.py COMMAND EXAMPLE: the worked example passes `cutmix verify`; with a mistake planted it fails where it must."""
import subprocess
import sys
import tempfile

command, example = sys.argv[1:3]

BOX = ("usual", "cycles", "cycle-of-all", "partners-repeat", "per-sample", "whole", "one-column", "one-row", "bytes",
       "halves", "doubles", "masks")
FAILS = {
    # A partner that comes earlier has its box overwritten already.
    "in-place": {"cutmix-" + name for name in (*BOX, "one-pixel")},
    # Any box that is not its own mirror image, but for samples that are their own partners.
    "axes": {"cutmix-" + name for name in BOX},
    # p - t is right where the weighted targets of a row sum to 1.
    "gradient": {"loss-" + name for name in (
        *(f"{kind}-{over}" for kind in ("dense", "labels", "mixed")
          for over in ("usual", "over-samples", "over-target-mass", "over-weight-mass", "divisor")),
        "unnormalised", "smoothing-dense-weights", "smoothing-labels-weights", "ignore-smoothing-weights",
        "ignore-half-of-a-pair", "nan-target", "negative-targets")},
}
# No box comes out as drawn: sides are whole numbers, and are clipped. Where nothing is mixed nothing is wrong.
KEPT = ("never", "gate-shut", "gate-per-batch", "no-sample")


def verify(vectors, *flags, mistake=None, run=None):
    run = run or f"'{sys.executable}' '{example}' " + (f"--mistake {mistake} " if mistake else "") + "{in} {out}"
    done = subprocess.run([command, "verify", vectors, "--run", run, *flags], text=True, capture_output=True)
    rows = [line.split() for line in done.stdout.splitlines()[1:-1]]
    return done, {row[0] for row in rows if row[1] == "FAILED"}, {row[0] for row in rows}


with tempfile.TemporaryDirectory() as folder:
    subprocess.run([command, "vectors", "--out", folder], check=True, stdout=subprocess.DEVNULL)
    done, failed, names = verify(folder, "--all")
    assert done.returncode == 0 and not failed and len(names) > 100, done.stdout + done.stderr
    FAILS["lambda"] = {n for n in names if n.startswith(("box-", "plan-"))} - {"plan-" + name for name in KEPT}
    for mistake, expected in FAILS.items():
        done, failed, _ = verify(folder, "--all", mistake=mistake)
        assert done.returncode == 1 and failed == expected, (mistake, sorted(failed ^ expected), done.stdout)
        assert expected <= names

    done, failed, some = verify(folder, "--only", "philox", mistake="axes")  # one run for each case
    assert done.returncode == 0 and some == {"philox"}, done.stdout
    done, failed, _ = verify(folder, "--only", "cutmix-cycles", mistake="in-place")
    assert done.returncode == 1 and "(0, 0, 2, 5): expected" not in done.stdout and "(1, 0, 2, 5): expected" in done.stdout, done.stdout
    done, failed, _ = verify(folder, "--only", "philox", run=": {in} {out}; exit 3")
    assert done.returncode == 1 and "exit code 3" in done.stdout, done.stdout
    done, failed, _ = verify(folder, "--only", "philox", run=": {in} {out}")
    assert done.returncode == 1 and "block: not written" in done.stdout, done.stdout
    assert verify(folder, run="no marks")[0].returncode == 2
    assert verify(folder + "/philox")[0].returncode == 2
