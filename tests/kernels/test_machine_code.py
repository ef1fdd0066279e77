"""What the kernels' machine code shows where there is no device: no stack in kernels with a trial a thread, and enough of
them side by side on a multiprocessor."""

import os
import pathlib

import pytest
from machine_code import DOUBLES, kernels

MODULE = pathlib.Path(os.environ["CAUCUS"]).parent / "caucus_cuda.so"
ARCHITECTURES = (90, 80, 89, 86, 100, 120, 75)
LANES = ("draw_kernel", "platform_kernel", "keep_kernel", "late_kernel", "conclude_kernel")
GROUPS = {"draw_kernel": 3, "platform_kernel": 3, "keep_kernel": 2}  # side by side, at least
pytestmark = pytest.mark.skipif(not MODULE.exists(), reason="there is no CUDA module: it was built without nvcc")


@pytest.fixture(scope="module")
def code():
    """The kernels of an architecture that the module is built for, the most usual one if it is there."""
    return next(found for found in (kernels(MODULE, architecture) for architecture in ARCHITECTURES) if found)


def test_all_kernels_are_read(code):
    assert set(LANES) | {"windows_kernel", "sums_kernel", "search_kernel", "noisy_kernel", "count_kernel", "probe_kernel"} <= set(code)
    for kernel in code.values():
        assert kernel.instructions > 10 and 8 <= kernel.registers <= 255
        assert kernel.opcodes["other"] > 0


@pytest.mark.parametrize("name", LANES)
def test_trials_live_in_registers(code, name):
    """Arrays that are indexed by what is computed would lie on a stack, and each access would go to memory."""
    kernel = code[name]
    assert kernel.stack_bytes == 0
    assert kernel.opcodes["LDL"] == kernel.opcodes["STL"] == 0
    registers = (kernel.registers + 7) // 8 * 8
    least = GROUPS.get(name, 1)
    assert 65536 // (128 * registers) >= least, f"{registers} registers: fewer than {least} groups side by side"


@pytest.mark.parametrize("name", ["softmax_kernel", "logistic_kernel", "squares_kernel", "best_kernel"])
def test_scores_live_in_registers(code, name):
    assert code[name].stack_bytes == 0
    assert code[name].opcodes["LDL"] == code[name].opcodes["STL"] == 0


def test_draws_are_whole_numbers(code):
    """Draws are comparisons and sums of integers: devices with little double precision draw as fast as the others."""
    assert sum(code["draw_kernel"].opcodes[name] for name in DOUBLES) == 0
