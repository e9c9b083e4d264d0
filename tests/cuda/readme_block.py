"""readme_block.py README.md OUT.hpp: the CUDA block of the README."""
import re
import sys

with open(sys.argv[1], encoding="utf-8") as text:
    (block,) = re.findall(r"\n```cuda\n(.*?)\n```", text.read(), re.DOTALL)
with open(sys.argv[2], "w", encoding="utf-8") as out:
    out.write(block + "\n")
