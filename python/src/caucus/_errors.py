"""What goes wrong, as exceptions with the program's own words."""


class CaucusError(RuntimeError):
    """The program failed: the machine, a file, a device (exit code 1)."""

    def __init__(self, message: str, exit_code: int = 1):
        super().__init__(message)
        self.exit_code = exit_code


class InvalidError(CaucusError, ValueError):
    """Wrong usage, or something wrong in an experiment or a table, with its place and a hint (exit code 2)."""


class StoppedError(CaucusError):
    """A run was stopped and what was finished is saved: run again with resume=True (exit code 3)."""


class ProgramNotFound(CaucusError):
    """There is no program caucus where this package looks."""


def failure(exit_code: int, message: str) -> CaucusError:
    """The exception for an exit code of the program."""
    return {2: InvalidError, 3: StoppedError}.get(exit_code, CaucusError)(message, exit_code)
