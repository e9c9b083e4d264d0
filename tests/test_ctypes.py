"""The C face from Python's ctypes: test_ctypes.py LIBRARY C_H. Draws a plan and mixes a NumPy-free buffer in place; then
every function that returns a status is called with nothing but NULL and 0."""
import ctypes as c
import re
import sys

library = c.CDLL(sys.argv[1])
library.cutmix_error_message.restype = c.c_char_p
i64 = c.c_int64


class View(c.Structure):
    _fields_ = [("data", c.c_void_p), ("element_size", i64), ("shape", i64 * 4), ("strides", i64 * 4)]


class Box(c.Structure):
    _fields_ = [(name, i64) for name in ("y0", "x0", "y1", "x1")]


def call(name, *arguments):
    if getattr(library, name)(*arguments):
        sys.exit(f"{name}: {library.cutmix_error_message().decode()}")


n, h, w = 3, 4, 5
pixels = (c.c_uint8 * (n * h * w))(*range(n * h * w))
view, plan = View(), c.c_void_p()
call("cutmix_view_nchw", pixels, i64(1), (i64 * 4)(n, 1, h, w), c.byref(view))
box = Box(1, 1, 3, 4)
call("cutmix_plan_create", i64(n), i64(h), i64(w), (i64 * n)(1, 2, 0), c.byref(box), i64(1),
     (c.c_double * 1)((h * w - 6) / (h * w)), i64(1), c.byref(plan))
call("cutmix_in_place", c.byref(view), plan, None)
for i in range(n):
    for y in range(h):
        for x in range(w):
            source = (i + 1) % n if 1 <= y < 3 and 1 <= x < 4 else i
            assert pixels[(i * h + y) * w + x] == (source * h + y) * w + x, (i, y, x)
assert library.cutmix_in_place(None, plan, None) == 1
assert b"images: expected a pointer" in library.cutmix_error_message()
library.cutmix_plan_free(plan)

with open(sys.argv[2], encoding="utf-8") as header:
    functions = re.findall(r"CUTMIX_API cutmix_status\s+(\w+)\(([^)]*)\)", header.read())
assert len(functions) > 40
for name, parameters in functions:
    assert getattr(library, name)(*[None if "*" in p or "[" in p else i64(0) for p in parameters.split(",")]) == 1, name
    assert b": expected " in library.cutmix_error_message(), (name, library.cutmix_error_message())
