"""What is built and installed loads nothing from where it is started, and is linked so that mistakes do not let in."""

import os
import pathlib
import shutil
import stat
import subprocess

import pytest

BUILD = pathlib.Path(os.environ["CAUCUS_BUILD_DIR"])
PROGRAM = pathlib.Path(os.environ["CAUCUS"])


def read(*options, path):
    return subprocess.run(["readelf", "-W", *options, path], capture_output=True, text=True, check=True).stdout


def is_linked_elf(path):
    """A program or shared library: no object file, no archive."""
    if path.is_symlink() or not path.is_file():
        return False
    with open(path, "rb") as file:
        start = file.read(18)
    return start[:4] == b"\x7fELF" and start[16] in (2, 3)


def cached(name):
    for line in (BUILD / "CMakeCache.txt").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return line.split("=", 1)[1]
    return ""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("installed")
    subprocess.run([cached("CMAKE_COMMAND"), "--install", BUILD, "--prefix", prefix], check=True, capture_output=True)
    return prefix


@pytest.fixture(scope="module")
def files(installed):
    """Everything linked that lies in the build folder or was installed; CMake's own trials of the compiler are not."""
    found = [path for folder in (BUILD, installed) for path in folder.rglob("*")
             if "CMakeFiles" not in path.parts and is_linked_elf(path)]
    assert PROGRAM in found and installed / "bin" / "caucus" in found
    return found


def test_search_paths_have_no_empty_or_relative_element(files):
    for path in files:
        for line in read("-d", path=path).splitlines():
            if "(RUNPATH)" in line or "(RPATH)" in line:
                for element in line.split("[", 1)[1].rstrip("]").split(":"):
                    assert element.startswith(("/", "$ORIGIN")), f"{path}: {line}"


def test_every_file_is_bound_at_start_and_read_only_then(files):
    for path in files:
        dynamic, segments = read("-d", path=path), read("-l", path=path)
        assert "BIND_NOW" in dynamic or "NOW" in dynamic, path
        assert "GNU_RELRO" in segments, path
        stack = next(line for line in segments.splitlines() if "GNU_STACK" in line)
        assert "RWE" not in stack, path
        assert "TEXTREL" not in dynamic, path


def test_programs_are_position_independent(files):
    for path in files:
        if "INTERP" in read("-l", path=path):
            assert "DYN" in read("-h", path=path), path


def test_the_program_guards_its_stack_and_its_buffers(installed):
    for path in (PROGRAM, installed / "bin" / "caucus"):
        symbols = read("--dyn-syms", path=path)
        assert "__stack_chk_fail" in symbols, path
        if not cached("CAUCUS_SANITIZE") and cached("CMAKE_BUILD_TYPE") != "Debug":
            assert "_chk@" in symbols.replace("__stack_chk_fail@", ""), path


def plant(folder, name, words):
    source = folder / "plant.c"
    source.write_text("#include <unistd.h>\n__attribute__((constructor)) static void go(void)\n"
                      f'{{ static const char m[] = "{words}\\n"; write(2, m, sizeof m - 1); _exit(66); }}\n')
    subprocess.run([cached("CMAKE_C_COMPILER"), "-w", "-shared", "-fPIC", f"-Wl,-soname,{name}", "-o", folder / name,
                    source], check=True)


def test_libraries_in_the_current_folder_are_not_loaded(caucus, tmp_path):
    for name in ("libfyaml.so.0", "libdeflate.so.0", "libm.so.6", "libhdf5_serial.so.103"):
        plant(tmp_path, name, "PLANTED LIBRARY RUNS")
    done = caucus("--version", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "PLANTED" not in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_a_module_of_somebody_else_is_not_run(tmp_path):
    shutil.copy(PROGRAM, tmp_path / "caucus")
    plant(tmp_path, "caucus_cuda.so", "PLANTED MODULE RUNS")
    module = tmp_path / "caucus_cuda.so"
    environment = {name: value for name, value in os.environ.items() if name != "CAUCUS_CUDA_MODULE"}

    def devices():
        return subprocess.run([tmp_path / "caucus", "devices"], capture_output=True, text=True, env=environment)

    tmp_path.chmod(0o755)
    os.chown(module, 12345, 0)
    said = devices()
    assert said.returncode == 0 and "belongs to another user" in said.stdout, said
    os.chown(module, 0, 0)
    module.chmod(0o775)
    said = devices()
    assert said.returncode == 0 and "chmod go-w" in said.stdout, said
    module.chmod(0o755)
    tmp_path.chmod(0o777)
    said = devices()
    assert said.returncode == 0 and "chmod go-w" in said.stdout, said
    tmp_path.chmod(0o755)
    os.chown(tmp_path, 12345, 0)
    said = devices()
    assert said.returncode == 0 and "belongs to another user" in said.stdout, said
    os.chown(tmp_path, 0, 0)
    assert devices().returncode == 66  # ours, and nobody else's: it is opened, which shows that the test tests


def test_what_is_built_is_writable_by_its_owner_only():
    for path in BUILD.glob("caucus_cuda.so"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o022 == 0
        assert stat.S_IMODE(path.parent.stat().st_mode) & 0o022 == 0
