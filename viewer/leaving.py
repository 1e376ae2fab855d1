"""Give back what a visitor sent, and what was made of it, soon after the page was closed.

Streamlit keeps the session of a closed page for a while, as the connection
may only have been lost, and longer where nobody else comes or goes.  A
recording that was sent must not stay that long, and what is made of one takes
about 100 MB.
"""

import ctypes
import gc
import sys
import threading
import time
from collections.abc import Callable, Set
from typing import Any

GONE_S, EVERY_S = 20.0, 2.0
"""A page may be away for so long, as after a lost connection; how often one looks."""
LARGE = 256 * 1024
"""Bytes that are kept by themselves."""
M_MMAP_THRESHOLD = -3  # in glibc's malloc.h
AGAIN = 3
"""Times that memory is given back after somebody left: a session that is ended still works for a moment."""


class Leaving:
    """Tells who has left for good.

    Parameters
    ----------
    gone_s : float
        Whoever is away for longer has left.
    """

    def __init__(self, gone_s: float = GONE_S) -> None:
        self._gone_s = gone_s
        self._last_here: dict[str, float] = {}
        self._lock = threading.Lock()

    def arrive(self, visitor: str, now: float) -> None:
        """Know a visitor from now on.

        Parameters
        ----------
        visitor : str
        now : float, s
        """
        with self._lock:
            self._last_here.setdefault(visitor, now)

    def left(self, is_here: Callable[[str], bool], now: float) -> Set[str]:
        """Give who has left since the last time one looked; they are forgotten.

        Parameters
        ----------
        is_here : callable
            Tells by the name whether a visitor is there.
        now : float, s

        Returns
        -------
        set of str
        """
        with self._lock:
            for visitor in self._last_here:
                if is_here(visitor):
                    self._last_here[visitor] = now
            left = {name for name, last in self._last_here.items() if now - last > self._gone_s}
            for visitor in left:
                del self._last_here[visitor]
            return left


VISITORS = Leaving()


def arrive() -> None:
    """Know the visitor for whom the page is being made."""
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    if context := get_script_run_ctx():
        VISITORS.arrive(context.session_id, time.monotonic())


def see_off() -> None:
    """Look after visitors who leave, as long as this process runs."""
    threading.Thread(target=_look, name="see visitors off", daemon=True).start()


def _look() -> None:
    from streamlit import runtime

    due = 0
    while True:
        time.sleep(EVERY_S)
        if not runtime.exists():
            continue
        served = runtime.get_instance()
        if due:
            give_back()
            due -= 1
        if left := VISITORS.left(served.is_active_session, time.monotonic()):
            _close(served, left)
            due = AGAIN


def _close(served: Any, left: Set[str]) -> None:
    """End sessions in the thread that they belong to."""
    loop = served._get_async_objs().eventloop  # no public name leads to it
    for visitor in left:
        loop.call_soon_threadsafe(served.close_session, visitor)


def keep_apart() -> None:
    """Have whatever is large lie by itself in memory, so that it goes back whole when it is freed.

    Of itself glibc puts ever larger blocks among small ones that stay, and each visitor leaves some
    ten megabytes behind.
    """
    if libc := _glibc():
        libc.mallopt(M_MMAP_THRESHOLD, LARGE)


def give_back() -> None:
    """Give freed memory back to the system; where it is not glibc's, it finds its own way."""
    gc.collect()
    if libc := _glibc():
        libc.malloc_trim(0)


def _glibc() -> Any:
    """Give the C library where it is glibc, else None."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") else None
