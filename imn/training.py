"""Train the model on PTB-XL, and train it nine times to have every recording held out once."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from imn.conditioning import remove_baseline
from imn.errors import InputError
from imn.ptbxl import FS, Entry, labels, read_index, read_signals
from imn.recipe import Recipe, recipe_for
from imn.results import commit, versions, write_result, write_text

if TYPE_CHECKING:
    from torch import nn

    from imn.fitting import Recordings

DATA_CREDIT = {
    "name": "PTB-XL 1.0.3, 100 Hz",
    "licence": "CC BY 4.0",
    "cite": "Wagner et al., Sci Data 2020, doi 10.1038/s41597-020-0495-6; PhysioNet doi 10.13026/kfzx-aw45",
}


@dataclass(frozen=True)
class TrainingConfig:
    """One training run.

    Parameters
    ----------
    data : Path
        Root folder of PTB-XL: ``ptbxl_database.csv``, ``scp_statements.csv``, ``records100``.
    out : Path
        Run folder.  A run cut before its end continues there.
    name : str
        Of the weights.
    folds : tuple of int
        Trained on.  Member i keeps fold ``folds[-1 - i]`` out, to choose its epoch on.
    test : int
        Fold that has no part in training; the card's figures come from it.
    seeds : tuple of int
        One network each; the model is their mean.
    recipe : Recipe
    shuffled : bool
        Deal the labels out to the recordings at random, so that there is nothing to
        learn: what an explanation of such a model shows is not the heart.
    """

    data: Path
    out: Path
    name: str = "ecglocus"
    folds: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    test: int = 9
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    recipe: Recipe = field(default_factory=Recipe)
    shuffled: bool = False

    def inner_fold(self, seed: int) -> int:
        """Fold on which the network of a seed chooses its epoch.

        Parameters
        ----------
        seed : int
            One of `seeds`.

        Returns
        -------
        int
            One of `folds`; the last for the first seed, then the one before it, and so on.
        """
        return self.folds[-1 - self.seeds.index(seed) % len(self.folds)]


def train(config: TrainingConfig) -> Path:
    """Train a model and write it with its card into the run folder.

    The folder gets ``config.json`` (options, versions, hashes of the input),
    ``log.jsonl`` (one line per epoch), a checkpoint per seed, and
    the weights with their card.  Under ``torchrun`` each process trains its
    share of the seeds on its own GPU, and the first one puts them together:
    which network comes out does not depend on how many processes there are.

    Parameters
    ----------
    config : TrainingConfig

    Returns
    -------
    path of the weights

    Raises
    ------
    InputError
        If the data do not fit, or the run folder holds another run.
    """
    from imn.storage import save_members

    if config.test in config.folds or len(config.folds) < 2 or not config.seeds:
        msg = f"expected two or more training folds without test fold {config.test}, got {config.folds}"
        raise InputError(msg)
    entries = read_index(config.data, config.folds)
    recordings = prepare(entries, shuffled=config.shuffled)
    record = _run_record(config, recordings)
    path = config.out / f"{config.name}.safetensors"
    rank, count, wait = processes()
    if rank == 0:
        _claim(config.out, record)
    wait()
    for seed in config.seeds[rank::count]:
        _member(config, entries, recordings, seed)
    wait()
    if rank == 0:
        # Every network is whole by now, so that this only reads it back.
        members = [_member(config, entries, recordings, seed) for seed in config.seeds]
        save_members(path, members, config.recipe, _facts(config, record))
        _measure(path, config)
    wait()
    return path


def _member(
    config: TrainingConfig, entries: Sequence[Entry], recordings: "Recordings", seed: int
) -> "nn.Module":
    from imn.fitting import Recordings, fit

    inner = np.array([entry.fold == config.inner_fold(seed) for entry in entries])
    known, unseen = (Recordings(recordings.signal[at], recordings.labels[at]) for at in (~inner, inner))
    checkpoint = config.out / f"checkpoint-seed{seed}.safetensors"
    return fit(
        config.recipe, known, unseen, seed=seed, checkpoint=checkpoint, log=_Log(config.out / "log.jsonl")
    )


def processes() -> tuple[int, int, Callable[[], None]]:
    """Give rank and number of the processes that ``torchrun`` started, and what waits for all of them."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        return 0, 1, lambda: None
    from torch import distributed

    # Once, for every run of these processes: under torchrun a second group would never come together.
    if not distributed.is_initialized():
        # One process may have a network more to train than another, which waits for it.
        distributed.init_process_group("gloo", timeout=timedelta(days=7))
    return distributed.get_rank(), count, lambda: cast(None, distributed.barrier())


def finished(path: Path) -> bool:
    """Tell whether a model was trained to its end: its figures are the last thing its card gets."""
    card = path.with_suffix(".json")
    return card.exists() and "metrics" in _parsed(card.read_text(encoding="utf-8"))


def cross_validate(config: TrainingConfig) -> list[Path]:
    """Train one model per held-out fold, so that each recording is explained by one that never saw it.

    Parameters
    ----------
    config : TrainingConfig
        ``folds`` and ``test`` together are the folds to rotate through.

    Returns
    -------
    paths of the weights, by fold
        ``fold{k}/fold{k}.safetensors`` and its card for each k; those there are kept.
        ``held_out.json`` and ``held_out.md`` beside them say how good they are together.
    """
    from imn.evaluation import evaluate_held_out

    folds = sorted({*config.folds, config.test})
    written = []
    for test in folds:
        rest = tuple(fold for fold in folds if fold != test)
        name = f"fold{test}"
        one = replace(config, name=name, folds=rest, test=test, out=config.out / name)
        path = one.out / f"{name}.safetensors"
        written.append(path if finished(path) else train(one))
    write_result(config.out / "held_out.json", evaluate_held_out(written, config.data))
    return written


def prepare(entries: Sequence[Entry], *, shuffled: bool = False) -> "Recordings":
    """Read recordings, take the baseline out, and set up their labels.

    Parameters
    ----------
    entries : sequence of Entry
    shuffled : bool
        Give each recording the labels of another.

    Returns
    -------
    Recordings
    """
    from imn.fitting import Recordings

    truth = labels(entries)
    if shuffled:
        truth = truth[np.random.default_rng(0).permutation(len(truth))]
    return Recordings(remove_baseline(read_signals(entries, progress=True), FS), truth)


class _Log:
    """Append one JSON line per call."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, line: dict[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _run_record(config: TrainingConfig, recordings: "Recordings") -> dict[str, Any]:
    """Everything that decides the outcome, so that a folder is only continued by the same run."""
    content = recordings.signal.tobytes() + recordings.labels.tobytes()
    options = asdict(config)
    for machine_part in ("data", "out"):
        del options[machine_part]
    digest = sha256(content).hexdigest()
    return {"options": options, "input_sha256": digest, "versions": versions(), "commit": commit()}


def _claim(out: Path, record: dict[str, Any]) -> None:
    path = out / "config.json"
    text = json.dumps(record, indent=2) + "\n"
    if path.exists():
        # Through JSON and back, since tuples come out of a file as lists.
        before, now = _parsed(path.read_text(encoding="utf-8")), _parsed(text)
        if any(before.get(part) != now[part] for part in ("options", "input_sha256")):
            msg = f"{out}: holds a run with other options or data; give another folder"
            raise InputError(msg)
    write_text(path, text)


def _parsed(text: str) -> dict[str, Any]:
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError):
        return {}


def _facts(config: TrainingConfig, record: dict[str, Any]) -> dict[str, Any]:
    inner = sorted({config.inner_fold(seed) for seed in config.seeds})
    folds = ", ".join(map(str, config.folds))
    return {
        "data": DATA_CREDIT | {"trained_on_folds": list(config.folds), "held_out_fold": config.test},
        "note": f"trained on folds {folds}; each member chose its epoch on one of {inner}, kept out of it",
        "seeds": list(config.seeds),
        "command": _command(config),
        **record,
    }


def _command(config: TrainingConfig) -> str | None:
    """Give the command line that trains the same, None where there is none."""
    recipe, words = config.recipe, ["ecglocus train --data PTBXL --out RUN"]
    usual = recipe_for(recipe.model)
    if recipe.fidelity != usual.fidelity:
        usual = replace(usual, fidelity=recipe.fidelity)
        words.append(f"--fidelity {recipe.fidelity:g}")
    if recipe == replace(usual, mixtures=(), finding_share=0.0):
        words.append("--no-findings")
    elif recipe != usual:
        return None
    if recipe.model != "ecglocus":
        words.append(f"--model {recipe.model}")
    if config.test != TrainingConfig.test:
        words.append("--cross-validate")
    words += [f"--members {len(config.seeds)}", f"--seed {config.seeds[0]}"]
    return None if config.shuffled else " ".join(words)


def _measure(path: Path, config: TrainingConfig) -> None:
    """Put figures of the test fold on the card."""
    from imn.evaluation import evaluate
    from imn.model import load_model

    card_path = path.with_suffix(".json")
    card = json.loads(card_path.read_text(encoding="utf-8"))
    try:
        measured = evaluate(load_model(path), config.data, config.test)
        card["metrics"] = {"fold": config.test, "n": measured["n"], "labels": measured["rows"]}
        card["metrics"] |= measured["headline"]
    except InputError as reason:
        card["metrics"] = {"none": str(reason)}
    write_text(card_path, json.dumps(card, indent=2, allow_nan=False) + "\n")
