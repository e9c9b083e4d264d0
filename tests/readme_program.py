"""readme_program.py README.md OUT.cpp FENCE [I]: the I-th block (from 0) of this fence that has a main, as it is; without I the
other blocks, lines of a program: a test case each, in the fixture of readme_names.hpp."""
import re
import sys

readme, out, fence, *index = sys.argv[1:]
with open(readme, encoding="utf-8") as text:
    blocks = re.findall(rf"\n```{re.escape(fence)}\n(.*?)\n```", text.read(), re.DOTALL)
if index:
    program = [block for block in blocks if "int main(" in block][int(index[0])]
else:
    lines = [block for block in blocks if "int main(" not in block]
    program = '#include <doctest/doctest.h>\n#include "readme_names.hpp"\n'
    program += "\n".join(re.findall(r"^#include.*", "\n".join(lines), re.MULTILINE))
    for block in lines:
        body = re.sub(r"^#include.*\n", "", block, flags=re.MULTILINE)
        name = body.split("\n")[0].split("//")[0].strip().replace("\\", "\\\\").replace('"', '\\"')
        program += f'\nTEST_CASE_FIXTURE(ReadmeNames, "README: {name}") {{\n{body}\n}}\n'
with open(out, "w", encoding="utf-8") as source:
    source.write(program + "\n")
