"""check_ways.py WAY SOURCE BUILD COMPILER...: builds tests/consumer against cutmix in one way, and runs it.

pkg-config and cmake use an installed tree that was moved after it was installed; subproject and plain use the sources.
"""
import glob
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
way, source, build = sys.argv[1:4]
compiler = sys.argv[4:]
consumer = os.path.join(source, "tests", "consumer")


def run(*command, **environment):
    print("+", *command, flush=True)
    return subprocess.run(command, env={**os.environ, **environment}, check=True, text=True, stdout=subprocess.PIPE).stdout


def need(tool):
    if not shutil.which(tool):
        print(f"no {tool} here")
        sys.exit(SKIPPED)


def installed(folder):
    """An installed tree, moved; returns (prefix, folder of the library)."""
    first, moved = os.path.join(folder, "first"), os.path.join(folder, "moved here")
    run("meson", "install", "-C", build, "--no-rebuild", "--quiet", "--skip-subprojects", "--destdir", first)
    options = json.loads(run("meson", "introspect", build, "--buildoptions"))
    prefix = next(option["value"] for option in options if option["name"] == "prefix")
    shutil.move(first + prefix, moved)
    (pc,) = glob.glob(os.path.join(moved, "**", "cutmix.pc"), recursive=True)
    return moved, os.path.dirname(os.path.dirname(pc))


def pkg_config(folder):
    need("pkg-config")
    prefix, lib = installed(folder)
    flags = run("pkg-config", "--cflags", "--libs", "cutmix", PKG_CONFIG_PATH=os.path.join(lib, "pkgconfig"))
    flags = shlex.split(flags)
    assert f"-I{lib}/pkgconfig/" in flags[0], flags
    program = os.path.join(folder, "consumer")
    run(*compiler, "-std=c++20", os.path.join(consumer, "main.cpp"), "-o", program, *flags)
    return program, lib


def cmake(folder):
    need("cmake")
    prefix, lib = installed(folder)
    run("cmake", "-S", consumer, "-B", folder + "/b", "-DCMAKE_PREFIX_PATH=" + prefix, CXX=" ".join(compiler))
    run("cmake", "--build", folder + "/b")
    return folder + "/b/consumer", lib


def subproject(folder):
    shutil.copytree(consumer, folder + "/p")
    os.mkdir(folder + "/p/subprojects")
    os.symlink(source, folder + "/p/subprojects/cutmix")
    with open(folder + "/p/subprojects/cutmix.wrap", "w", encoding="utf-8") as wrap:
        wrap.write("[wrap-file]\ndirectory = cutmix\n[provide]\ndependency_names = cutmix\n")
    run("meson", "setup", folder + "/b", folder + "/p", "--wrap-mode=forcefallback", CXX=" ".join(compiler))
    run("ninja", "-C", folder + "/b")
    return folder + "/b/consumer", ""


def plain(folder):
    """The one command of the README: the scalar level, no build system."""
    program = os.path.join(folder, "consumer")
    units = glob.glob(source + "/src/*.cpp") + glob.glob(source + "/src/kernels/*.cpp")
    run(*compiler, "-std=c++20", "-O2", "-ffp-contract=off", f"-I{source}/include", f"-I{source}/src", *sorted(units),
        os.path.join(consumer, "main.cpp"), "-pthread", "-o", program)
    return program, ""


with tempfile.TemporaryDirectory() as scratch:
    program, libraries = {"pkg-config": pkg_config, "cmake": cmake, "subproject": subproject, "plain": plain}[way](scratch)
    print(run(program, LD_LIBRARY_PATH=libraries))
