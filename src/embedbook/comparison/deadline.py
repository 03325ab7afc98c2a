"""Leave a piece of work when its time is over, also in the middle of it."""

from __future__ import annotations

import ctypes
import threading
import time
from types import TracebackType

__all__ = ["Deadline", "OutOfTime"]

_RING_AGAIN = 0.5  # seconds; longer than it takes to leave the block


class OutOfTime(Exception):  # noqa: N818  # it is no error
    """The time of the budget is over."""


class Deadline:
    """A moment at which a ``with`` block is left with `OutOfTime`.

    The exception is raised between two steps of Python: a single long call into a library is not cut short. No signal
    is used, so Ctrl-C means what it always means, and a process in the background, which ignores it, is stopped too.

    Parameters
    ----------
    seconds : float
        From now on.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._thread = 0
        self._left_block = threading.Event()

    @property
    def left(self) -> float:
        """Seconds that are left; 0 if none."""
        return max(0.0, self._end - time.monotonic())

    def __enter__(self) -> Deadline:
        if self.left == 0:
            raise OutOfTime
        self._thread = threading.get_ident()
        self._left_block.clear()
        threading.Thread(target=self._watch, name="deadline", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._lock:
            thread, self._thread = self._thread, 0
            # If the bell has rung but was not heard yet, it shall not be heard by whoever comes after this block.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), None)
        self._left_block.set()

    def _watch(self) -> None:
        wait = self.left
        # Python drops an exception that arrives inside a destructor or a callback of its garbage collector, so one
        # ring may go unheard.
        while not self._left_block.wait(wait):
            with self._lock:
                if self._thread:
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(
                        ctypes.c_ulong(self._thread), ctypes.py_object(OutOfTime)
                    )
            wait = _RING_AGAIN
