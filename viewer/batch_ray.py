"""Shards made by Ray Data's actors, on this machine or a cluster that shares the folder.

An actor loads the model once and makes one shard after another, as a process of the local engine does, so
that the same files come out.  A shard whose node is lost is made again by another: it was not there before
it was whole.  Nothing else uses Ray.
"""

import logging
import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from imn.errors import InputError
from viewer.processes import THREADS

if TYPE_CHECKING:
    from viewer.batch import Call
    from viewer.batch_stages import Work

AHEAD = 64
"""Shards that Ray is told of at once for each actor: it would hold the paths of all of them."""


class _Maker:
    """An actor: what is asked for, and shards of it as rows of a batch."""

    def __init__(self, work: "Work", out: str) -> None:
        self.work, self.out = work, out

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Make the shards of a batch, and give how many recordings each has."""
        from viewer.batch import make_shard
        from viewer.batch_folder import Shard

        told = zip(batch["number"], batch["first"], batch["paths"], strict=True)
        shards = [(Shard(int(number), int(first), len(paths)), list(paths)) for number, first, paths in told]
        return {"count": np.array([make_shard(self.work, self.out, *shard) for shard in shards])}


def with_ray(calls: "Iterable[Call]", workers: int) -> "Iterator[int]":
    """Have Ray's actors make shards.

    Parameters
    ----------
    calls : iterable
        As `viewer.batch.make_shard` takes them.
    workers : int
        Actors, each of one processor.

    Yields
    ------
    int
        Recordings of each shard made.

    Raises
    ------
    InputError
        If Ray is missing.
    """
    ray = _begin(workers)
    try:
        for block in _blocks(calls, AHEAD * workers):
            work, out, _, _ = block[0]
            rows = [{"number": s.number, "first": s.first, "paths": paths} for _, _, s, paths in block]
            made = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
                _Maker,
                fn_constructor_args=(work, out),
                batch_size=1,
                compute=ray.data.ActorPoolStrategy(size=min(workers, len(rows))),
                num_cpus=1,
            )
            yield from (int(row["count"]) for row in made.iter_rows())
    finally:
        ray.shutdown()


def _blocks(calls: "Iterable[Call]", size: int) -> "Iterator[list[Call]]":
    held = []
    for call in calls:
        held.append(call)
        if len(held) == size:
            yield held
            held = []
    if held:
        yield held


def _begin(workers: int) -> Any:
    """Join the cluster that RAY_ADDRESS names, or begin one here; nothing is reported to anybody."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray  # pyright: ignore[reportMissingImports]
        import ray.data  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        msg = (
            'engine: ray needs Ray, which is not installed; pip install "ecglocus[cluster]", or leave it out'
        )
        raise InputError(msg) from error
    variables = {**dict.fromkeys(THREADS, "1"), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    begun: dict[str, Any] = {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": max(workers, 1)}
    ray.init(
        runtime_env={"env_vars": variables},
        include_dashboard=False if begun else None,
        log_to_driver=False,
        logging_level=logging.ERROR,
        **begun,
    )
    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    return ray
