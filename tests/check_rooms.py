"""Do the sources keep to their rooms (src/rooms.txt), and do their comments name what exists? Prints every line that does
not, with the rule that it breaks.

    python3 tests/check_rooms.py [BUILD_DIR]

With a build folder calls are checked too, by the symbols of its object files. Exit: 0 they do, 1 they do not.
"""

import pathlib
import re
import subprocess
import sys

SHARED_ROOMS = ("math", "config", "training", "bound", "trial")
INCLUDE = re.compile(r'\s*#\s*include "([^"]+)"')
HERE = {"CMakeLists.txt", "rooms.txt"}


class Rooms:
    """rooms.txt: the rooms in order, what each may include, and which of its headers others may."""

    def __init__(self, path):
        self.may, self.face = {}, {}
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                room, may, face = (part.strip() for part in line.split(":"))
                for other in may.split():
                    if other not in self.may and other != "caucus.h":
                        raise SystemExit(f"src/rooms.txt:{number}: {room} lists {other}, which does not stand above it")
                self.may[room], self.face[room] = set(may.split()), set(face.split())

    def refuse(self, room, included):
        """Why a file of room may not include something, or None."""
        other, _, header = included.partition("/")
        if not header and included != "caucus.h":
            return f'"{included}" names no room'
        if other == room:
            return None
        if other not in self.may[room]:
            return f'{room} may not include {other} ("{included}")'
        if header and not self.face[other] & {"*", header}:
            return f'"{included}" is private to {other}'
        return None


def files_of(root):
    """(file, its room, its lines) of all sources, kernels' included."""
    for path in sorted([*(root / "src").glob("*/*.[ch]"), *(root / "kernels").glob("*.cu"), *(root / "kernels").glob("*.h")]):
        yield path.relative_to(root), path.parent.name, path.read_text().splitlines()


def check_folders(root, rooms):
    found = {path.name for path in (root / "src").iterdir()} - HERE
    for name in sorted(found - set(rooms.may)):
        yield f"src/{name}: is no room of src/rooms.txt"
    for name in sorted(set(rooms.may) - found - {"kernels"}):
        yield f"src/rooms.txt: the room {name} has no folder"


def check_includes(root, rooms):
    for path, room, lines in files_of(root):
        for number, line in enumerate(lines, 1):
            found = INCLUDE.match(line)
            reason = rooms.refuse(room, found[1]) if found else None
            if reason:
                yield f"{path}:{number}: {reason}"


def check_shared(root):
    """Code for CPU and devices lies in five rooms, in headers that say so."""
    for path, room, lines in files_of(root):
        uses = [number for number, line in enumerate(lines, 1) if line.startswith("CAUCUS_SHARED ")]
        if uses and room not in SHARED_ROOMS:
            yield f"{path}:{uses[0]}: CAUCUS_SHARED outside of {', '.join(SHARED_ROOMS)}"
        elif uses and "Shared with devices." not in " ".join("\n".join(lines).split("*/")[0].replace("\n *", " ").split()):
            yield f"{path}:1: the first comment does not say \"Shared with devices.\""


def defined_names(lines):
    """(line, name) of what a header defines for all: macros, types, enumerators, functions."""
    depth, enumerating = 0, False
    for number, line in enumerate(lines, 1):
        code = re.sub(r"/\*.*?(\*/|$)|^ \*.*", "", line)
        names = []
        if depth == 0:
            names += re.findall(r"^#\s*define (CAUCUS_\w+|caucus_\w+)", code)
            names += re.findall(r"^typedef [^{(]*?\b(caucus_\w+);", code)
            names += re.findall(r"^[A-Za-z][^(={;]*?\*?\b(caucus_\w+)\(", code)
            enumerating = bool(re.match(r"(typedef )?enum\b", code))
        if enumerating:
            names += re.findall(r"(?:^|[{,])\s*(CAUCUS_\w+)\s*(?=[,=}]|$)", code)
        if depth == 1 or "{" in code:
            names += re.findall(r"^\} (caucus_\w+);", code)
        depth += code.count("{") - code.count("}")
        for name in names:
            yield number, name


def check_names(root):
    """No name is given twice: files that include both headers could not be compiled."""
    places = {}
    headers = [(path, lines) for path, _, lines in files_of(root) if path.suffix == ".h"]
    headers.append((pathlib.Path("include/caucus.h"), (root / "include/caucus.h").read_text().splitlines()))
    for path, lines in headers:
        guards = {f"CAUCUS_{path.parent.name}_{path.stem}_H".upper(), "CAUCUS_H"}
        for number, name in defined_names(lines):
            other = places.setdefault(name, (path, number))
            if other[0] != path and name not in guards:
                yield f"{path}:{number}: {name} has another meaning at {other[0]}:{other[1]}"


def check_references(root):
    """Comments name pages that exist, and headings that their pages have."""
    for path, _, lines in files_of(root):
        text = "\n".join(lines)
        for found in re.finditer(r'docs/([a-z-]+\.md)(?:,\s(?:\* )?\s*"([^"]+)")?', text):
            line = text.count("\n", 0, found.start()) + 1
            page = root / "docs" / found[1]
            heading = re.sub(r"\s*\n \* ", " ", found[2] or "")
            if not page.exists():
                yield f"{path}:{line}: there is no page docs/{found[1]}"
            elif heading and not re.search(rf"^#+ {re.escape(heading)}$", page.read_text(), re.MULTILINE):
                yield f"{path}:{line}: docs/{found[1]} has no heading \"{heading}\""


def symbols_of(path):
    """What an object file defines, and what it asks others for."""
    defined, asked = set(), set()
    for line in subprocess.run(["nm", path], check=True, capture_output=True, text=True).stdout.splitlines():
        kind, name = line.split()[-2:]
        if name.startswith("caucus_"):
            (asked if kind == "U" else defined if kind.isupper() else set()).add(name)
    return defined, asked


def check_calls(build, rooms):
    """Calls lead to rooms that may be included, and no files of a room call each other in a circle."""
    objects = {}
    for room in rooms.may:
        for path in sorted((build / "src/CMakeFiles").glob(f"*.dir/{room}/*.o")):
            objects[f"src/{room}/{path.name.removesuffix('.o')}"] = (room, *symbols_of(path))
    home = {name: file for file, (_, defined, _) in objects.items() for name in defined}
    calls = {}
    for file, (room, _, asked) in objects.items():
        calls[file] = {home[name] for name in asked if name in home}
        for name in sorted(asked & home.keys()):
            other = objects[home[name]][0]
            if other != room and other not in rooms.may[room] and room != "command":
                yield f"{file}: {room} may not call {other} ({name} of {home[name]})"
    yield from (f"{' -> '.join(circle)}: a circle of files" for circle in circles(calls))


def circles(calls):
    """Each circle of a graph once: files are taken away until only those on circles are left."""
    left = {file: set(others) - {file} for file, others in calls.items()}
    while True:
        called = set().union(*left.values())
        ends = [file for file, others in left.items() if not others & left.keys() or file not in called]
        for file in ends:
            del left[file]
        left = {file: others & left.keys() for file, others in left.items()}
        if not left:
            return
        if ends:
            continue
        path = [min(left)]
        while path[-1] not in path[:-1]:
            path.append(min(left[path[-1]]))
        circle = path[path.index(path[-1]):]
        yield circle
        for file in circle[:-1]:
            del left[file]


def check(root, build=None):
    rooms = Rooms(root / "src/rooms.txt")
    yield from check_folders(root, rooms)
    yield from check_includes(root, rooms)
    yield from check_shared(root)
    yield from check_names(root)
    yield from check_references(root)
    if build is not None:
        yield from check_calls(build, rooms)


if __name__ == "__main__":
    lines = list(check(pathlib.Path(__file__).resolve().parent.parent,
                       pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None))
    print("\n".join(lines) if lines else "all sources keep to their rooms")
    sys.exit(1 if lines else 0)
