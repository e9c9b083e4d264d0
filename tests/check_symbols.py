"""check_symbols.py NM LEVEL=ARCHIVE...: what the kernels of a level define for the linker is their tables alone.

A weak symbol (a template, an inline function) compiled with a level's flags may be the copy that the linker keeps for the
whole program, and an older CPU then dies of an illegal instruction. Only names inside xsimd_LEVEL belong to the level.
"""
import re
import subprocess
import sys

nm, *archives = sys.argv[1:]
bad = tables = 0
levels = {entry.split("=")[0] for entry in archives}
for entry in archives:
    level, archive = entry.split("=")
    lines = subprocess.run([nm, "-C", "--defined-only", archive], check=True, text=True, stdout=subprocess.PIPE).stdout
    for line in lines.splitlines():
        symbol = re.match(r"[0-9a-f]+ ([A-Zuvw]) (.*)", line)
        if not symbol:
            continue
        kind, name = symbol.groups()
        if kind in "DR" and re.fullmatch(rf"cutmix::kernels::\w+_{level}", name):
            tables += 1
        elif f"xsimd_{level}::" not in name:
            print(f"{level} defines {name} ({kind})")
            bad += 1
print(f"{tables} tables, {bad} symbols that do not belong to their level")
sys.exit(bad > 0 or tables < 4 * len(levels))
