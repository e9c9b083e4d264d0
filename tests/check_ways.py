"""check_ways.py WAY SOURCE BUILD COMPILER...: builds tests/consumer against cutmix in one way, and runs it.

pkg-config, c and cmake use the build's installed tree, moved after it was installed; shared builds and installs a library of its
own; subproject and plain use the sources.
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


def check_soname(prefix):
    """libcutmix.so -> libcutmix.so.0.1 (its soname) -> libcutmix.so.0.1.0, or no shared library at all."""
    links = sorted(os.path.basename(p) for p in glob.glob(os.path.join(prefix, "**", "libcutmix.so*"), recursive=True))
    if links:
        minor = links[-1].rsplit(".", 1)[0]
        assert links == ["libcutmix.so", minor, links[-1]], links
        (library,) = glob.glob(os.path.join(prefix, "**", links[-1]), recursive=True)
        assert f"[{minor}]" in run("readelf", "-d", library)


def installed(folder, build=build):
    """An installed tree, moved; returns (prefix, folder of the library)."""
    first, moved = os.path.join(folder, "first"), os.path.join(folder, "moved here")
    run("meson", "install", "-C", build, "--no-rebuild", "--quiet", "--skip-subprojects", "--destdir", first)
    options = json.loads(run("meson", "introspect", build, "--buildoptions"))
    prefix = next(option["value"] for option in options if option["name"] == "prefix")
    shutil.move(first + prefix, moved)
    check_soname(moved)
    (pc,) = glob.glob(os.path.join(moved, "**", "cutmix.pc"), recursive=True)
    return moved, os.path.dirname(os.path.dirname(pc))


def pkg_config_flags(lib, *more):
    flags = run("pkg-config", "--cflags", "--libs", *more, "cutmix", PKG_CONFIG_PATH=os.path.join(lib, "pkgconfig"))
    flags = shlex.split(flags)
    assert f"-I{lib}/pkgconfig/" in flags[0], flags
    return flags


def by_pkg_config(folder, lib):
    need("pkg-config")
    program = os.path.join(folder, "cpp")
    run(*compiler, "-std=c++20", os.path.join(consumer, "main.cpp"), "-o", program, *pkg_config_flags(lib))
    return program, lib


def by_c(folder, lib):
    need("pkg-config")
    static = [] if glob.glob(os.path.join(lib, "libcutmix.so*")) else ["--static"]
    program = os.path.join(folder, "c")
    run("cc", "-std=c99", os.path.join(consumer, "main.c"), "-o", program, *pkg_config_flags(lib, *static))
    return program, lib


def by_cmake(folder, lib, prefix):
    need("cmake")
    run("cmake", "-S", consumer, "-B", folder + "/b", "-DCMAKE_PREFIX_PATH=" + prefix, CXX=" ".join(compiler))
    run("cmake", "--build", folder + "/b")
    return folder + "/b/consumer", lib


def pkg_config(folder):
    return by_pkg_config(folder, installed(folder)[1])


def c(folder):
    return by_c(folder, installed(folder)[1])


def cmake(folder):
    prefix, lib = installed(folder)
    return by_cmake(folder, lib, prefix)


def shared(folder):
    """A shared library without SIMD, of no third-party header; consumers of it in all three ways."""
    own = folder + "/own"
    run("meson", "setup", own, source, "-Ddefault_library=shared", "-Dsimd=disabled", "-Dcuda=disabled", "-Dtools=disabled", "-Dtests=disabled",
        "--buildtype=debug", CXX=" ".join(compiler))
    run("ninja", "-C", own)
    check_headers(run("ninja", "-C", own, "-t", "deps"), own)
    prefix, lib = installed(folder, own)
    print(run(by_pkg_config(folder, lib)[0], LD_LIBRARY_PATH=lib))
    print(run(by_c(folder, lib)[0], LD_LIBRARY_PATH=lib))
    return by_cmake(folder, lib, prefix)


def check_headers(deps, folder):
    """Nothing but these sources, the compiler's headers and the C library's."""
    paths = {os.path.realpath(os.path.join(folder, line.strip())) for line in deps.splitlines() if line.startswith("    ")}
    ours = (os.path.realpath(source) + os.sep, os.path.realpath(folder) + os.sep)
    others = [path.split(os.sep) for path in paths if not path.startswith(ours)]
    system = ("c++", "bits", "sys", "gnu", "linux", "asm", "asm-generic", f"{os.uname().machine}-linux-gnu")
    strange = [p for p in others if p[1:3] != ["usr", "lib"] and not (p[1:3] == ["usr", "include"] and (len(p) == 4 or p[3] in system))]
    assert len(others) > 50 and not strange, strange


def subproject(folder):
    shutil.copytree(consumer, folder + "/p")
    os.mkdir(folder + "/p/subprojects")
    os.symlink(source, folder + "/p/subprojects/cutmix")
    with open(folder + "/p/subprojects/cutmix.wrap", "w", encoding="utf-8") as wrap:
        wrap.write("[wrap-file]\ndirectory = cutmix\n[provide]\ndependency_names = cutmix\n")
    run("meson", "setup", folder + "/b", folder + "/p", "--wrap-mode=forcefallback", "--buildtype=debug", CXX=" ".join(compiler))
    run("ninja", "-C", folder + "/b")
    return folder + "/b/consumer", ""


def plain(folder):
    """The one command of the README: the scalar level, no build system."""
    program = os.path.join(folder, "consumer")
    units = glob.glob(source + "/src/*.cpp") + glob.glob(source + "/src/c/*.cpp") + glob.glob(source + "/src/kernels/*.cpp")
    run(*compiler, "-std=c++20", "-O2", "-ffp-contract=off", f"-I{source}/include", f"-I{source}/src", *sorted(units),
        os.path.join(consumer, "main.cpp"), "-pthread", "-o", program)
    return program, ""


with tempfile.TemporaryDirectory() as scratch:
    program, libraries = {"pkg-config": pkg_config, "c": c, "shared": shared, "cmake": cmake, "subproject": subproject, "plain": plain}[way](scratch)
    print(run(program, LD_LIBRARY_PATH=libraries))
