"""check_vectors.py COMMAND PROGRAM: the device's functions pass `cutmix verify`."""
import json
import os
import subprocess
import sys
import tempfile

command, program = sys.argv[1:3]
FUNCTIONS = {"cutmix", "cutmix_backward", "cutout", "mix", "mixup", "soft_cross_entropy"}

asked = subprocess.run([program], stdout=subprocess.PIPE, text=True)
if asked.returncode == 77:
    print(asked.stdout, end="")
    sys.exit(77)
with tempfile.TemporaryDirectory() as folder:
    subprocess.run([command, "vectors", "--out", folder], check=True, stdout=subprocess.DEVNULL)
    path = os.path.join(folder, "manifest.json")
    with open(path, encoding="utf-8") as file:
        manifest = json.load(file)
    manifest["cases"] = [case for case in manifest["cases"] if case["function"] in FUNCTIONS]
    with open(path, "w", encoding="utf-8") as file:
        json.dump(manifest, file)
    assert {case["function"] for case in manifest["cases"]} == FUNCTIONS
    sys.exit(subprocess.run([command, "verify", folder, "--run", f"'{program}' {{in}} {{out}}"]).returncode)
