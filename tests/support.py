"""What the Python tests share."""

import os
import pathlib

SOURCE = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("CAUCUS_BUILD_DIR", SOURCE / "build"))


def program(name):
    """Path of a built program: caucus itself, or a helper of the tests."""
    for folder in (BUILD, BUILD / "tests"):
        if (folder / name).exists():
            return str(folder / name)
    raise FileNotFoundError(f"{name} is not in {BUILD}: build first")
