"""A process that begins a command over and over, ends it at random moments, and sees what is left.

`viewer.interrupt_bench` starts it.  Everything is loaded once, and each attempt is a fork of that.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NoReturn

from viewer.ending import FAILED, INTERRUPTED, MISTAKE, TERMINATED
from viewer.interrupt_cases import BROKEN, CASES, READABLE, Case, Shown, small_training

ENDINGS = {
    "SIGINT": (INTERRUPTED,),
    "SIGTERM": (TERMINATED,),
    "SIGKILL": (-signal.SIGKILL,),
    "full disk": (FAILED, MISTAKE),
    "files that may not grow": (FAILED, MISTAKE),
}
"""Exit codes that are documented, beside 0 where the command was done before."""
FULL, SHORT = "full disk", "files that may not grow"
ROOM = 64 * 2**20
"""Bytes, of a disk that is large enough."""


@dataclass
class Found:
    """What was left by commands that were ended.

    Parameters
    ----------
    counts : Counter
        ``times``, ``ended`` (of these, at work), ``lost``, ``half`` (half-written and taken
        for whole), ``drafts`` (left though the command could have removed them), ``others``
        (endings that are not documented), ``runs`` and ``continued`` (of these).
    words : list of str
        About what should not be.
    """

    counts: Counter[str] = field(default_factory=Counter)
    words: list[str] = field(default_factory=list)

    def count(self, name: str, wrong: object) -> None:
        """Count what should not be."""
        if wrong:
            self.counts[name] += 1
            self.words.append(f"{name}: {wrong}"[:300])


class Stage:
    """A command, the inputs it reads, and what it makes of them undisturbed."""

    def __init__(self, case: Case, inputs: Path, how: str, rng: Random) -> None:
        self.case, self.inputs, self.how, self.rng = case, inputs, how, rng
        if case.warm:
            self._undisturbed(run_here)
        start = time.perf_counter()
        self.whole = self._undisturbed(lambda arguments: self.attempt(arguments)[0])
        self.seconds = time.perf_counter() - start

    def attempt(
        self, arguments: list[str], ending: int | None = None, largest: int | None = None
    ) -> tuple[int, str]:
        """Run the command in a fork.

        Parameters
        ----------
        arguments : list of str
        ending : int, optional
            Signal to end it by, at a random moment.
        largest : int, optional, bytes
            Of each file that it may write.

        Returns
        -------
        status : int
            Negative: ended by a signal.
        said : str
        """
        stopping = {signal.SIGINT, signal.SIGTERM}
        signal.pthread_sigmask(signal.SIG_BLOCK, stopping)
        with TemporaryDirectory() as folder:
            said = Path(folder) / "said"
            child = os.fork()
            if child == 0:
                _run_in_child(arguments, said, largest)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, stopping)
            if ending is not None:
                time.sleep(self.rng.uniform(0, self.seconds))
                os.kill(child, ending)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            return status, said.read_text(encoding="utf-8", errors="replace") if said.exists() else ""

    def round(self, found: Found, folder: Path) -> None:
        """End the command twice at random moments, then let it finish."""
        out = folder / "out"
        with Disk(self.how == FULL, out) as disk:
            self.case.begin(out)
            known = self.case.shown(out)
            for _ in range(2):
                found.counts["times"] += 1
                status, said = self._disturbed(out, disk)
                found.counts["ended"] += status != 0
                found.count("others", status not in (0, *ENDINGS[self.how]) and f"{status} {said[-200:]}")
                known = self._look(found, out, known)
                if self.how != "SIGKILL":
                    found.count("drafts", [path.name for path in out.rglob(".*") if path.name != ".lock"])
                # So that most are caught at work: the disturbed run was shorter than was thought.
                self.seconds *= 0.8 if status == 0 else 1
            disk.grow()
            found.counts["runs"] += 1
            status, said = self.attempt(self.case.arguments(self.inputs, out))
            same = status == 0 and self.whole.items() <= self.case.shown(out).items()
            found.counts["continued"] += same
            if not same:
                found.words.append(f"not continued: {status} {said[-200:]}")

    def _disturbed(self, out: Path, disk: "Disk") -> tuple[int, str]:
        arguments = self.case.arguments(self.inputs, out)
        if self.how == FULL:
            disk.leave(self.rng.randrange(max(1, self.used)))
            return self.attempt(arguments)
        if self.how == SHORT:
            return self.attempt(arguments, largest=self.rng.randrange(max(1, self.largest)))
        return self.attempt(arguments, ending=getattr(signal, self.how))

    def _look(self, found: Found, out: Path, known: Shown) -> Shown:
        now = self.case.shown(out)
        # A file that is there otherwise than an undisturbed run makes it was cut short.
        half = {
            name for name, digest in now.items() if digest == BROKEN or self.whole.get(name, digest) != digest
        }
        lost = {name for name in known if name not in now and name in self.whole}
        for name in sorted(half):
            found.count("half", name)
        for name in sorted(lost):
            found.count("lost", name)
        return now

    def _undisturbed(self, run: Callable[[list[str]], int]) -> Shown:
        with TemporaryDirectory(prefix="ecglocus-stage-") as folder:
            out = Path(folder) / "out"
            out.mkdir()
            self.case.begin(out)
            status = run(self.case.arguments(self.inputs, out))
            if status:
                msg = f"{self.case.name} failed undisturbed, with {status}"
                raise RuntimeError(msg)
            sizes = [path.stat().st_size for path in out.rglob("*") if path.is_file()]
            self.used, self.largest = sum(sizes), max(sizes)
            return {name: digest for name, digest in self.case.shown(out).items() if digest != READABLE}


class Disk:
    """A folder, on a disk of its own where that is asked for; such a disk is Linux's tmpfs."""

    def __init__(self, small: bool, out: Path) -> None:
        self._small, self._out = small, out

    def __enter__(self) -> "Disk":
        self._out.mkdir(parents=True)
        if self._small:
            _mount("-t", "tmpfs", "-o", f"size={ROOM}", "none", str(self._out))
        return self

    def __exit__(self, *_: object) -> None:
        if self._small:
            subprocess.run(["umount", "-l", str(self._out)], check=True)

    def leave(self, room: int) -> None:
        """Leave so many bytes beside what is there, and no more."""
        held = os.statvfs(self._out)
        used = (held.f_blocks - held.f_bfree) * held.f_frsize
        _mount("-o", f"remount,size={max(used + room, held.f_frsize)}", str(self._out))

    def grow(self) -> None:
        """Make room again."""
        if self._small:
            _mount("-o", f"remount,size={ROOM}", str(self._out))


def _mount(*told: str) -> None:
    subprocess.run(["mount", *told], check=True, capture_output=True)


def can_mount() -> bool:
    """Tell whether this user may mount a small disk."""
    tried = suppress(OSError, subprocess.CalledProcessError)
    with TemporaryDirectory() as folder, tried, Disk(True, Path(folder) / "disk"):
        return True
    return False


def run_here(arguments: list[str]) -> int:
    """Run a command in this process; give its exit code."""
    from viewer.cli import main

    try:
        main(arguments)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)


def _run_in_child(arguments: list[str], said: Path, largest: int | None) -> NoReturn:
    status = 1
    try:
        with said.open("w", encoding="utf-8", buffering=1) as errors, Path(os.devnull).open("w") as nothing:
            os.dup2(errors.fileno(), 2)
            os.dup2(nothing.fileno(), 1)
            if largest is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
            # A shell has what it starts in the background pass over Ctrl-C, and forks inherit that.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
            status = run_here(arguments)
    except KeyboardInterrupt:
        status = INTERRUPTED
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else 1
    except BaseException:
        import traceback

        with said.open("a", encoding="utf-8") as errors:
            traceback.print_exc(file=errors)
    finally:
        os._exit(status)


def measure(case: Case, inputs: Path, how: str, *, times: int, seed: int) -> Found:
    """End a command at random moments.

    Parameters
    ----------
    case : Case
    inputs : Path
        As `viewer.interrupt_cases.make_inputs` has written them.
    how : str
        Of `ENDINGS`.
    times, seed : int

    Returns
    -------
    Found
    """
    stage, found = Stage(case, inputs, how, Random(f"{seed} {case.name} {how}")), Found()
    while found.counts["times"] < times:
        with TemporaryDirectory(prefix="ecglocus-stage-") as folder:
            stage.round(found, Path(folder))
    return found


if __name__ == "__main__":
    name, inputs, how, times, seed = sys.argv[1:]
    small_training()
    result = measure(CASES[name], Path(inputs), how, times=int(times), seed=int(seed))
    sys.stdout.write("\n" + json.dumps({"counts": result.counts, "words": result.words}) + "\n")
