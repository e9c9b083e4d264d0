"""NumPy arrays through DLPack capsules: test_dlpack.py LIBRARY, the one of dlpack_numpy.cpp."""
import ctypes as c
import gc
import sys

import numpy as np

library, python = c.CDLL(sys.argv[1]), c.pythonapi
library.last_error.restype = c.c_char_p
library.give_plain.restype = library.give_versioned.restype = c.c_void_p
python.PyCapsule_GetPointer.restype, python.PyCapsule_GetPointer.argtypes = c.c_void_p, [c.py_object, c.c_char_p]
python.PyCapsule_SetName.argtypes = [c.py_object, c.c_char_p]
python.PyCapsule_New.restype, python.PyCapsule_New.argtypes = c.py_object, [c.c_void_p, c.c_char_p, c.c_void_p]
python.PyCapsule_IsValid.argtypes = [c.py_object, c.c_char_p]

# What a capsule's name points to has to live as long as the capsule.
PLAIN, VERSIONED, USED = b"dltensor", b"dltensor_versioned", b"used_dltensor"


def mix(array, versioned=False):
    capsule = array.__dlpack__(max_version=(1, 0)) if versioned else array.__dlpack__()
    name = VERSIONED if versioned else PLAIN
    pointer = python.PyCapsule_GetPointer(capsule, name)
    code = (library.mix_versioned if versioned else library.mix_plain)(c.c_void_p(pointer))
    if code == 0:
        python.PyCapsule_SetName(capsule, USED)  # taken over: its own destructor leaves it alone
    return code


def check(array, versioned):
    expected = array.copy()
    expected[..., 1:3, :4] = np.roll(array, 1, axis=0)[..., 1:3, :4]
    before = sys.getrefcount(array)
    assert mix(array, versioned) == 0, library.last_error()
    gc.collect()
    assert np.array_equal(array, expected)
    assert sys.getrefcount(array) == before, "the deleter was not called"


class Given:
    def __init__(self, pointer, name):
        self.capsule = python.PyCapsule_New(pointer, name, None)

    def __dlpack__(self, **_):
        return self.capsule

    def __dlpack_device__(self):
        return 1, 0


kinds = [False]
try:
    np.zeros(1).__dlpack__(max_version=(1, 0))
    kinds.append(True)
except TypeError:
    print("NumPy", np.__version__, "has no versioned capsules")
for versioned in kinds:
    whole = np.arange(4 * 3 * 5 * 6, dtype=np.float32).reshape(4, 3, 5, 6)
    check(whole.copy(), versioned)
    check(whole.copy()[:, ::-1, :, ::-1], versioned)  # negative strides
    check(np.ascontiguousarray(whole.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2), versioned)  # NHWC
    check(whole[:, 0].copy(), versioned)  # (N, H, W)
    assert mix(whole.astype(np.float64), versioned) == 1 and b"dtype" in library.last_error()
    assert mix(np.float32(1) * np.zeros((1, 1, 1, 1, 1), np.float32), versioned) == 1 and b"ndim" in library.last_error()
    given = Given(library.give_versioned() if versioned else library.give_plain(), VERSIONED if versioned else PLAIN)
    array = np.from_dlpack(given)
    assert array.dtype == np.float64 and array.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert not python.PyCapsule_IsValid(given.capsule, PLAIN)
    del array, given
    gc.collect()
