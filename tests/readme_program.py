"""readme_program.py README.md I OUT.cpp [FENCE]: the README's I-th block (from 0) of this fence, by default cpp, as a program.

A block without main is taken as lines of one; it finds the names that readme_names.hpp declares.
"""
import re
import sys

readme, index, out, fence = (*sys.argv[1:], "cpp")[:4]
with open(readme, encoding="utf-8") as text:
    block = re.findall(rf"\n```{re.escape(fence)}\n(.*?)\n```", text.read(), re.DOTALL)[int(index)]
if "int main(" not in block:
    lines = block.split("\n")
    includes = [line for line in lines if line.startswith("#include")]
    body = [line for line in lines if not line.startswith("#include")]
    block = "\n".join(includes + ['#include "readme_names.hpp"', "int main() {", "{"] + body + ["}", "}"])
with open(out, "w", encoding="utf-8") as program:
    program.write(block + "\n")
