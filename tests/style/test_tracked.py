"""What the repository keeps are sources: no table that a test or a benchmark made lies among them."""

import shutil
import subprocess

import pytest
from conftest import SOURCE

MOST_BYTES = 2 << 20  # twice the largest one, the evidence of bounds


def tracked():
    git = shutil.which("git")
    if git is None or not (SOURCE / ".git").exists():
        pytest.skip("no git repository to ask what is kept")
    done = subprocess.run([git, "-c", f"safe.directory={SOURCE}", "ls-files", "-z"], cwd=SOURCE, capture_output=True,
                          text=True, check=True)
    return [SOURCE / name for name in done.stdout.split("\0") if name]


def test_no_large_file_is_kept():
    files = [path for path in tracked() if path.is_file()]
    assert files
    assert [str(path) for path in files if path.stat().st_size > MOST_BYTES] == []
