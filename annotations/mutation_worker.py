"""A process that imports spoilt annotations with little memory; its orders are those of `imn.fuzz.worker`."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from annotations.mutation_files import kinds, readings, small_heart
from annotations.mutation_trial import judge, spoilt
from annotations.store import open_store
from imn.fuzz.worker import Attempts, serve


def _load(folder: Path) -> None:
    """Import a sound file of every kind, which loads all libraries."""
    heart = small_heart()
    with open_store(folder / "sound.sqlite") as store:
        for kind in kinds(folder, heart):
            verdict = judge(kind.path, kind, heart, store)
            if verdict.outcome != "valid":
                msg = f"the sound {kind.title} file is not read: {verdict.words}"
                raise RuntimeError(msg)


def _attempts(order: dict[str, Any], folder: Path) -> Attempts:
    """Import into a store of its own for every order, so that none depends on the orders before."""
    heart = small_heart()
    with TemporaryDirectory(dir=folder) as own, open_store(Path(own) / "store.sqlite") as store:
        store.add_all(readings(heart))
        kind = next(kind for kind in kinds(Path(own), heart) if kind.title == order["kind"])
        path = Path(own) / f"spoilt{kind.path.suffix}"
        for number in range(order["begin"], order["end"]):
            path.write_bytes(spoilt(kind, number=number, seed=order["seed"]))
            yield number, partial(judge, path, kind, heart, store)


if __name__ == "__main__":
    serve(_load, _attempts)
