"""Processes at work on spoilt recordings, watched for hangs and crashes."""

import json
import os
import select
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from typing import Any

from imn.fuzz.trial import REFUSED, VALID

TIME_S = 20.0
"""A file that takes longer hangs; the slowest sound one takes a hundredth, also on a busy machine."""
START_S = 300.0
"""In which a process must have loaded all libraries."""
CHUNK = 500


@dataclass(frozen=True)
class Order:
    """A stretch of spoilt files of one kind.

    Parameters
    ----------
    kind : str
    begin, end : int
    seed : int
    """

    kind: str
    begin: int
    end: int
    seed: int


@dataclass
class Tally:
    """What came of a stretch of spoilt files.

    Parameters
    ----------
    order : Order
    counts : Counter
        Of outcomes.
    offenders : list of dict
        Number, outcome and words of what should not be.
    slowest : float, s
    peak : int, bytes
        Memory beyond what the process held before, at the most.
    """

    order: Order
    counts: Counter[str] = field(default_factory=Counter)
    offenders: list[dict[str, Any]] = field(default_factory=list)
    slowest: float = 0.0
    peak: int = 0

    def add(self, answer: dict[str, Any]) -> None:
        """Count one file."""
        self.counts[answer["outcome"]] += 1
        self.slowest = max(self.slowest, answer["seconds"])
        self.peak = max(self.peak, answer["peak"])
        if answer["outcome"] not in (REFUSED, VALID):
            self.offenders.append({key: answer[key] for key in ("number", "outcome", "words")})


class Worker:
    """A process that reads files; replaced by a new one where it hangs or dies."""

    def __init__(self, module: str = "imn.fuzz.worker", *, time_s: float = TIME_S) -> None:
        self._module, self._time_s = module, time_s
        self._process: subprocess.Popen[bytes] | None = None
        self._left = b""

    def work(self, order: Order) -> Tally:
        """Have every file of an order read."""
        tally, begin = Tally(order), order.begin
        while begin < order.end:
            self._ask(asdict(order) | {"begin": begin})
            for answer in self._answers(order.end - begin):
                tally.add(answer)
                begin = answer["number"] + 1
            if begin < order.end:
                # No answer came for this one: the process was killed for hanging, or died.
                tally.add({"number": begin, **self._bury()})
                begin += 1
        return tally

    def defuse(self, bomb: int) -> dict[str, Any]:
        """Have one of `imn.fuzz.bombs.BOMBS` made and read; give the answer."""
        self._ask({"bomb": bomb})
        # To squeeze gigabytes takes its time: only what the reading takes can be a hang.
        answer = next(self._answers(1, wait=START_S), None) or {"number": bomb, **self._bury()}
        return answer | ({"outcome": "hang"} if answer["seconds"] > self._time_s else {})

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._bury()

    def _ask(self, message: dict[str, Any]) -> None:
        if self._process is None:
            self._process = _start(self._module)
            self._left = b""
            if self._line(START_S) is None:
                msg = "the process that reads spoilt files does not start; see python -m " + self._module
                raise RuntimeError(msg)
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()

    def _answers(self, n: int, *, wait: float | None = None) -> Iterator[dict[str, Any]]:
        for _ in range(n):
            line = self._line(self._time_s if wait is None else wait)
            if line is None:
                return
            yield json.loads(line)

    def _line(self, wait: float) -> bytes | None:
        """Give the next line; none where the process dies or takes too long, and is killed."""
        assert self._process is not None and self._process.stdout is not None
        while b"\n" not in self._left:
            ready, _, _ = select.select([self._process.stdout], [], [], wait)
            if not ready:
                self._process.kill()
                return None
            more = os.read(self._process.stdout.fileno(), 65536)
            if not more:
                return None
            self._left += more
        line, _, self._left = self._left.partition(b"\n")
        return line

    def _bury(self) -> dict[str, Any]:
        assert self._process is not None
        with self._process as process:
            process.wait()
        self._process = None
        code = process.returncode
        hung = code == -9
        words = f"no answer in {self._time_s:g} s" if hung else f"the process ended with {code}"
        return {"outcome": "hang" if hung else "crash", "words": words, "seconds": self._time_s, "peak": 0}


def work_through(orders: Iterator[Order], workers: int, module: str) -> Iterator[Tally]:
    """Have orders worked through by processes; give what came of each as it is done.

    Parameters
    ----------
    orders : iterator of Order
    workers : int
    module : str
        Run by each process.

    Yields
    ------
    Tally
    """
    from concurrent.futures import ThreadPoolExecutor, as_completed
    from queue import SimpleQueue

    idle: SimpleQueue[Worker] = SimpleQueue()
    crew = [Worker(module) for _ in range(workers)]
    for worker in crew:
        idle.put(worker)

    def work(order: Order) -> Tally:
        worker = idle.get()
        try:
            return worker.work(order)
        finally:
            idle.put(worker)

    with ThreadPoolExecutor(workers) as threads:
        waiting = [threads.submit(work, order) for order in orders]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            for future in waiting:
                future.cancel()
            threads.shutdown()
            for worker in crew:
                with closing(worker):
                    pass


def _start(module: str) -> subprocess.Popen[bytes]:
    # A thread pool per library would take memory for its stacks, and the cores of the other processes.
    alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    return subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | alone,
    )
