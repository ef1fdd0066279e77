"""The sources keep to their rooms (tests/check_rooms.py), and the check finds what does not."""

import os
import pathlib
import shutil
import subprocess

import check_rooms
import pytest
from conftest import SOURCE

BUILD = pathlib.Path(os.environ.get("CAUCUS_BUILD_DIR", SOURCE / "build"))


def test_sources_keep_to_their_rooms():
    assert list(check_rooms.check(SOURCE, BUILD)) == []


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the sources, to plant something in."""
    root = tmp_path_factory.mktemp("house")
    for folder in ("src", "kernels", "include", "docs"):
        shutil.copytree(SOURCE / folder, root / folder)
    return root


@pytest.fixture
def plant(house):
    """Put a line behind a file's first include, or make the file; taken back at the end."""
    undo = []

    def put(name, text):
        path = house / name
        if path.exists():
            original = path.read_text()
            undo.append(lambda: path.write_text(original))
        else:
            made = not path.parent.exists()
            path.parent.mkdir(exist_ok=True)
            undo.append(lambda: shutil.rmtree(path.parent) if made else path.unlink())
            original = ""
        lines = original.splitlines()
        at = next((i + 1 for i, line in enumerate(lines) if line.startswith("#include")), 0)
        path.write_text("\n".join(lines[:at] + [text] + lines[at:]) + "\n")

    yield put
    for step in undo:
        step()


@pytest.mark.parametrize(("file", "text", "found"), [
    ("src/trial/draw.h", '#include "run/plan.h"', ': trial may not include run ("run/plan.h")'),
    ("src/base/text.c", '#include "math/random.h"', ': base may not include math ("math/random.h")'),
    ("src/run/cpu.c", '#include "compile/partition.h"', ': "compile/partition.h" is private to compile'),
    ("kernels/draw.cu", '#include "compile/compile.h"', ': kernels may not include compile ("compile/compile.h")'),
    ("src/trial/trial.c", '#include "draw.h"', ': "draw.h" names no room'),
    ("src/compile/signals.h", "CAUCUS_SHARED int caucus_planted(void);",
     ": CAUCUS_SHARED outside of math, config, training, bound, trial"),
    ("src/solve/solve.h", "struct caucus_status *caucus_text_copy(int a);",
     ": caucus_text_copy has another meaning at src/base/text.h:"),
    ("src/run/plan.h", "typedef int caucus_layout;", ": caucus_layout has another meaning at src/result/layout.h:"),
    ("src/run/plan.h", "enum { CAUCUS_RAW = 3 };", ": CAUCUS_RAW has another meaning at src/run/plan.h:"),
    ("src/run/plan.h", "#define CAUCUS_NOWHERE 7", ": CAUCUS_NOWHERE has another meaning at src/"),
    ("src/config/planted.h", "CAUCUS_SHARED int caucus_planted(void);",
     ':1: the first comment does not say "Shared with devices."'),
    ("src/attic/planted.h", "", "src/attic: is no room of src/rooms.txt"),
    ("src/run/run.c", "/* docs/planted.md */", ": there is no page docs/planted.md"),
    ("src/run/run.c", '/* docs/engine.md, "The\n * planted model" */', ': docs/engine.md has no heading "The planted model"'),
])
def test_planted(house, plant, file, text, found):
    plant(file, text)
    lines = list(check_rooms.check(house))
    assert len(lines) == 1 and found in lines[0], lines


def test_rooms_have_no_circle(tmp_path):
    rules = tmp_path / "rooms.txt"
    rules.write_text((SOURCE / "src/rooms.txt").read_text().replace("\nconfig:      base", "\nconfig:      trial base"))
    with pytest.raises(SystemExit, match=r"src/rooms.txt:\d+: config lists trial, which does not stand above it"):
        check_rooms.Rooms(rules)


@pytest.mark.parametrize(("room", "sources", "found"), [
    ("trial", {"low": "int caucus_compile(void); int caucus_low(void) { return caucus_compile(); }"},
     "trial may not call compile (caucus_compile of src/compile/high.c)"),
    ("compile", {"a": "int caucus_b(void); int caucus_a(void) { return caucus_b(); }",
                 "b": "int caucus_a(void); int caucus_b(void) { return caucus_a(); }"},
     "src/compile/a.c -> src/compile/b.c -> src/compile/a.c: a circle of files"),
])
def test_planted_calls(tmp_path, room, sources, found):
    if shutil.which("cc") is None or shutil.which("nm") is None:
        pytest.skip("there is no cc or nm")
    sources = {f"{room}/{name}": text for name, text in sources.items()}
    sources["compile/high"] = "int caucus_compile(void) { return 1; }"
    for name, text in sources.items():
        target = tmp_path / f"src/CMakeFiles/caucus.dir/{name}.c.o"
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cc", "-x", "c", "-c", "-", "-o", target], input=text, text=True, check=True)
    lines = list(check_rooms.check_calls(tmp_path, check_rooms.Rooms(SOURCE / "src/rooms.txt")))
    assert len(lines) == 1 and found in lines[0], lines
