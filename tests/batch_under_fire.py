"""Begin a batch again and again, end it at random moments, then let it finish; printed: what each end was.

Run as a script, since everything is loaded once and each attempt is a fork of that.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

KILLS = 12


def attempt(arguments: list[str], ending: int | None, after: float) -> int:
    """Run the command in a fork, send a signal after some time, give its exit status (negative: a signal)."""
    child = os.fork()
    if child == 0:
        from viewer.cli import main

        try:
            main(arguments)
        except SystemExit as left:
            sys.stderr.flush()
            os._exit(left.code if isinstance(left.code, int) else 1)
    if ending is not None:
        time.sleep(after)
        os.kill(child, ending)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def warm(arguments: list[str]) -> float:
    """Load and plan everything on a batch of its own; give the seconds that a second such batch takes."""
    from viewer.cli import main

    seconds = 0.0
    with TemporaryDirectory() as folder:
        for name in ("first", "second"):
            start = time.perf_counter()
            try:
                main([*arguments, "--out", str(Path(folder) / name)])
            except SystemExit:
                seconds = time.perf_counter() - start
    return seconds


if __name__ == "__main__":
    import viewer.batch

    viewer.batch.source_hash = lambda: "0" * 64  # the code may be worked on meanwhile
    inputs, out, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
    command = ["batch", inputs, "--shard", "3", "--batch", "2", "--maps", *sys.argv[4:]]
    seconds, rng = warm(command), random.Random(seed)
    command += ["--out", out]
    ends = [attempt(command, signal.SIGKILL, rng.uniform(0, 0.25 * seconds)) for _ in range(KILLS)]
    ends.append(attempt(command, signal.SIGINT, 0.05 * seconds))
    ends.append(attempt(command, None, 0))
    sys.stdout.write(" ".join(map(str, ends)) + "\n")
