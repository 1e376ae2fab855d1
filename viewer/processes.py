"""Work in processes of one thread each, which end with the one that began them."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, TypeVar

from imn.errors import InputError

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

T = TypeVar("T")


def in_processes(function: Callable[..., T], calls: Iterable[tuple[Any, ...]], workers: int) -> Iterator[T]:
    """Call a function with each of several arguments, and give results as they come.

    Calls are asked for a few ahead only, however many there are.  Sums have one order whoever makes them,
    since every process has one thread.

    Parameters
    ----------
    function : callable
        Of a module, as its name is what processes are told.
    calls : iterable of tuple
    workers : int

    Yields
    ------
    Any
        What the function gives, in the order in which calls end.

    Raises
    ------
    InputError
        If a process is ended from outside.
    """
    left = iter(calls)
    with one_thread():
        pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin)
        waiting: set[Future[T]] = {pool.submit(function, *call) for call in islice(left, 2 * workers)}
    try:
        while waiting:
            done, waiting = wait(waiting, timeout=1.0, return_when=FIRST_COMPLETED)
            waiting |= {pool.submit(function, *call) for call in islice(left, len(done))}
            yield from (future.result() for future in done)
    except BrokenProcessPool as error:
        msg = "a worker was ended from outside, perhaps for want of memory; run the same command to go on"
        raise InputError(msg) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    """Leave Ctrl-C to the parent, and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=follow, daemon=True).start()


@contextmanager
def one_thread() -> Iterator[None]:
    """Have libraries loaded, and processes started, meanwhile calculate with one thread."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
