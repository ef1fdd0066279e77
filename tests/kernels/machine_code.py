"""The machine code of the CUDA module, without NVIDIA's tools: kernels of one architecture by name, with what they use and
how many instructions of each kind they have.

    python3 tests/kernels/machine_code.py build/caucus_cuda.so [90]
"""

import collections
import pathlib
import re
import struct
import sys

FATBIN, ELF, CODE = 0xBA55ED50, b"\x7fELF", 2
SECTION = struct.Struct("<IIQQQQIIQQ")
SYMBOL_BYTES = 24
FRAME_SIZE, REGISTERS = 0x11, 0x2F  # attributes of kernels

# An instruction is 16 bytes; its lowest nine bits say what it does, the same from compute capability 7.5 on.
NAMES = {0x028: "DMUL", 0x029: "DADD", 0x02A: "DSETP", 0x02B: "DFMA", 0x180: "LD", 0x181: "LDG", 0x182: "LDC", 0x183: "LDL",
         0x184: "LDS", 0x185: "ST", 0x186: "STG", 0x187: "STL", 0x188: "STS", 0x108: "MUFU"}
DOUBLES = ("DMUL", "DADD", "DSETP", "DFMA")

Kernel = collections.namedtuple("Kernel", "name registers stack_bytes instructions opcodes")


def sections(image):
    """(name, type, first byte, bytes, link) of every section of an ELF file."""
    at, = struct.unpack_from("<Q", image, 40)
    size, number, names = struct.unpack_from("<HHH", image, 58)
    found = [SECTION.unpack_from(image, at + i * size) for i in range(number)]
    strings = found[names][4]
    return [(text(image, strings + s[0]), s[1], s[4], s[5], s[6]) for s in found]


def text(image, at):
    return image[at:image.index(b"\0", at)].decode()


def cubins(module, architecture):
    """The ELF images for an architecture (90 for compute capability 9.0) in a module."""
    image = pathlib.Path(module).read_bytes()
    for name, _, first, size, _ in sections(image):
        at = first
        while name == ".nv_fatbin" and at < first + size:
            magic, _, header, length = struct.unpack_from("<IHHQ", image, at)
            assert magic == FATBIN, "this is no fat binary as CUDA 12 and 13 write them"
            part, end = at + header, at + header + length
            while part < end:
                kind, _, skip, length = struct.unpack_from("<HHIQ", image, part)
                code = image[part + skip:part + skip + length]
                if kind == CODE and struct.unpack_from("<I", image, part + 28)[0] == architecture:
                    assert code.startswith(ELF), "compressed: build with -Xfatbin -compress=false"
                    yield code
                part += skip + length
            at = end


def attributes(image, found):
    """{(kernel, attribute): value} of .nv.info, whose entries name kernels by symbol."""
    values = {}
    symbols = next((s for s in found if s[0] == ".symtab"), None)
    strings = next((s for s in found if s[0] == ".strtab"), None)
    for name, _, at, size, _ in found:
        end = at + size
        while name == ".nv.info" and at < end:
            form, attribute, length = struct.unpack_from("<BBH", image, at)
            if form == 4 and length == 8 and attribute in (FRAME_SIZE, REGISTERS):
                index, value = struct.unpack_from("<II", image, at + 4)
                label, = struct.unpack_from("<I", image, symbols[2] + index * SYMBOL_BYTES)
                values[text(image, strings[2] + label), attribute] = value
            at += 4 + (length if form == 4 else 0)
    return values


def kernels(module, architecture=90):
    """Every kernel of a module by its plain name; of those that are one for several types, the one that keeps most."""
    found = {}
    for image in cubins(module, architecture):
        parts = sections(image)
        values = attributes(image, parts)
        for name, _, at, size, _ in parts:
            if not name.startswith(".text."):
                continue
            symbol = name[len(".text."):]
            words = (struct.unpack_from("<H", image, i)[0] for i in range(at, at + size, 16))
            opcodes = collections.Counter(NAMES.get(word & 0x1FF, "other") for word in words)
            plain = re.search(r"([a-z_]+_kernel)", symbol)
            plain = plain.group(1) if plain else symbol
            kernel = Kernel(plain, values.get((symbol, REGISTERS)), values.get((symbol, FRAME_SIZE)), size // 16, opcodes)
            known = found.setdefault(plain, kernel)
            if (kernel.stack_bytes or 0, kernel.registers or 0) > (known.stack_bytes or 0, known.registers or 0):
                found[plain] = kernel
    return found


def main(module, architecture="90"):
    print(f"{'kernel':18}{'registers':>10}{'stack':>7}{'instructions':>14}{'fp64':>7}   loads and stores")
    for kernel in kernels(module, int(architecture)).values():
        doubles = sum(kernel.opcodes[name] for name in DOUBLES)
        memory = ", ".join(f"{name} {kernel.opcodes[name]}" for name in NAMES.values()
                           if name[:2] in ("LD", "ST") and kernel.opcodes[name] > 0)
        print(f"{kernel.name:18}{kernel.registers!s:>10}{kernel.stack_bytes!s:>7}{kernel.instructions:14}{doubles:7}   {memory}")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
