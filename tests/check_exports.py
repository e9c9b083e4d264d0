"""check_exports.py NM LIST LIBRARY [MARKED [--update]]: the shared library exports exactly what LIST, its version script, names.

MARKED is the same library without the version script: the C face and what CUTMIX_API marks in it are to be in the list.
--update writes the list anew from it. Inline functions and templates stay out: every user has them of its own.
"""
import re
import subprocess
import sys

nm, path, library = sys.argv[1:4]


def exported(file):
    lines = subprocess.run([nm, "-D", "--defined-only", file], check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()
    symbols = [line.split()[-2:] for line in lines]
    return {name.split("@")[0]: kind for kind, name in symbols if kind != "A"}


def marked(file):
    symbols = {n: kind for n, kind in exported(file).items() if re.match("cutmix_|_Z(N|NK|T[IVS]N)6cutmix", n)}
    return {n for n, kind in symbols.items() if kind in "TRDB" or n.startswith("_ZT")}


if "--update" in sys.argv:
    with open(path, "w", encoding="utf-8") as file:
        file.write("# All that the shared library exports. tests/check_exports.py compares, and with --update writes it.\n{\nglobal:\n")
        file.writelines(f"  {name};\n" for name in sorted(marked(sys.argv[4])))
        file.write("local:\n  *;\n};\n")
    sys.exit()
with open(path, encoding="utf-8") as file:
    listed = set(re.findall(r"^  (\w+);$", file.read(), re.MULTILINE))
wrong = [f"exported, not in {path}: {name}" for name in sorted(exported(library).keys() - listed)]
wrong += [f"in {path}, not exported: {name}" for name in sorted(listed - exported(library).keys())]
if len(sys.argv) > 4:
    wrong += [f"marked CUTMIX_API, not in {path}: {name}" for name in sorted(marked(sys.argv[4]) - listed)]
print(*wrong, f"{len(listed)} symbols", sep="\n")
if wrong and len(sys.argv) > 4:
    print("If that is meant: python3 " + " ".join(sys.argv) + " --update")
sys.exit(len(wrong) > 0)
