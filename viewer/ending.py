"""How a command ends: well, with one sentence about a mistake or the disk, or cleared up when stopped."""

import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

MISTAKE, FAILED, INTERRUPTED, UNREAD, TERMINATED = 2, 1, 130, 141, 143
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)


def run_to_end(run: Callable[[], int]) -> int:
    """Run a command and give its exit code.

    SIGTERM unwinds like Ctrl-C does, so that half-written folders are removed.

    Parameters
    ----------
    run : callable

    Returns
    -------
    int
        What the command gives; `MISTAKE` for a user's mistake, `FAILED` where the disk is
        full or may not be written, each with one sentence on standard error; `INTERRUPTED`;
        `UNREAD` where nobody reads the output any more.
    """
    from imn.errors import InputError

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _terminate)
    try:
        try:
            code = run()
        finally:
            # also where the help ends it: at Python's own exit a reader that has gone would be told of
            sys.stdout.flush()
    except InputError as mistake:
        return _say(str(mistake), MISTAKE)
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)
    except OSError as failure:
        if failure.errno in NO_ROOM:
            return _say(f"{failure.strerror}, nothing half-written was kept; make room and try again", FAILED)
        if failure.errno in DENIED:
            return _say(f"{failure.filename}: {failure.strerror}; change its permissions", FAILED)
        if isinstance(failure, BrokenPipeError):
            # who read the output has gone (``| head``), and Python writes what is left of it at its exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return UNREAD
        raise
    return code


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until something is done: VTK crashes if stopped while it is loaded."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []
    # Not by a mask of signals: threads of other libraries would take them.
    before = {
        number: signal.signal(number, lambda number, _: waiting.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in waiting[:1]:
            signal.raise_signal(number)


def _say(words: str, code: int) -> int:
    sys.stderr.write(f"ecglocus: {words}\n")
    return code


def _terminate(signal_number: int, frame: FrameType | None) -> None:
    sys.exit(TERMINATED)
