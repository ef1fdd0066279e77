"""Progress of a run: a bar in a terminal, a line that is written anew in a notebook."""

from __future__ import annotations

import sys
from typing import Any


def _in_notebook() -> bool:
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    shell = get_ipython()
    return shell is not None and shell.__class__.__name__ == "ZMQInteractiveShell"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def describe(event: dict[str, Any], width: int = 24) -> str:
    """One line for a progress event.

    >>> describe({"trials_done": 50, "trials_resumed": 0, "trials_total": 200, "trials_per_second": 10, "seconds_left": 15})
    '[######                  ] 25 %, 10 trials/s, 0:15 left'
    """
    done = event.get("trials_done", 0) + event.get("trials_resumed", 0)
    share = done / event["trials_total"] if event.get("trials_total") else 0.0
    filled = round(width * share)
    text = f"[{'#' * filled}{' ' * (width - filled)}] {share:.0%}".replace("%", " %")
    if event.get("trials_per_second"):
        text += f", {event['trials_per_second']:,.0f} trials/s"
    if event.get("seconds_left", -1) is not None and event.get("seconds_left", -1) >= 0:
        text += f", {_duration(event['seconds_left'])} left"
    return text


class Progress:
    """Shows events of a run; notices are kept for the result."""

    def __init__(self, show: bool):
        self.notices: list[str] = []
        self._show = show and (_in_notebook() or sys.stderr.isatty())
        self._handle: Any = None
        self._notebook = self._show and _in_notebook()

    def __call__(self, event: dict[str, Any]) -> None:
        if event.get("event") == "notice":
            self.notices.append(event["message"])
        if self._show and event.get("event") == "progress":
            self._line(describe(event))

    def _line(self, text: str) -> None:
        if not self._notebook:
            print(f"\r{text}\x1b[K", end="", file=sys.stderr, flush=True)
            self._handle = True
            return
        from IPython.display import display
        if self._handle is None:
            self._handle = display({"text/plain": text}, raw=True, display_id=True)
        else:
            self._handle.update({"text/plain": text}, raw=True)

    def close(self) -> None:
        if self._handle is not None and not self._notebook:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
