"""Train the model on PTB-XL, and train it nine times to have every recording held out once."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from imn.conditioning import remove_baseline
from imn.errors import InputError
from imn.ptbxl import FS, Entry, labels, membership, read_index, read_signals
from imn.recipe import CLASSES, Recipe
from imn.results import commit, versions, write_result, write_text

if TYPE_CHECKING:
    from imn.fitting import Recordings

DATA_CREDIT = {
    "name": "PTB-XL 1.0.3, 100 Hz",
    "licence": "CC BY 4.0",
    "cite": "Wagner et al., Sci Data 2020, doi 10.1038/s41597-020-0495-6; PhysioNet doi 10.13026/kfzx-aw45",
}
WEIGHTS_NAME = "superclass.safetensors"


@dataclass(frozen=True)
class TrainingConfig:
    """One training run.

    Parameters
    ----------
    data : Path
        Root folder of PTB-XL: ``ptbxl_database.csv``, ``scp_statements.csv``, ``records100``.
    out : Path
        Run folder.  A run cut before its end continues there.
    folds : tuple of int
        Trained on.
    validation : int
        Fold that chooses the epoch.
    seeds : tuple of int
        One network each; the model is their mean.
    recipe : Recipe
    """

    data: Path
    out: Path = Path("runs/superclass")
    folds: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    validation: int = 9
    seeds: tuple[int, ...] = (0, 1, 2)
    recipe: Recipe = field(default_factory=Recipe)


def train(config: TrainingConfig) -> Path:
    """Train a model and write it with its card into the run folder.

    The folder gets ``config.json`` (options, versions, hashes of the input),
    ``log.jsonl`` (one line per epoch), a checkpoint per seed, and
    ``superclass.safetensors`` with ``superclass.json``.

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
    from imn.fitting import fit
    from imn.storage import save_members

    if config.validation in config.folds or not config.folds or not config.seeds:
        msg = f"validation fold {config.validation} must not be among the training folds {config.folds}"
        raise InputError(msg)
    training, held = (read_index(config.data, folds) for folds in (config.folds, [config.validation]))
    known, unseen = (prepare(entries, config.recipe) for entries in (training, held))
    record = _run_record(config, known, unseen)
    _claim(config.out, record)
    members = []
    for seed in config.seeds:
        checkpoint = config.out / f"checkpoint-seed{seed}.safetensors"
        log = _Log(config.out / "log.jsonl")
        members.append(fit(config.recipe, known, unseen, seed=seed, checkpoint=checkpoint, log=log))
    path = save_members(config.out / WEIGHTS_NAME, members, CLASSES, _facts(config, record))
    _measure(path, config)
    return path


def cross_validate(config: TrainingConfig, weights_dir: Path | str) -> list[Path]:
    """Train one model per held-out fold, so that each recording is explained by one that never saw it.

    For held-out fold k the next fold (1 after the last) chooses the epoch and the others train.

    Parameters
    ----------
    config : TrainingConfig
        ``folds`` and ``validation`` together are the folds to rotate through.
    weights_dir : path
        Gets ``fold{k}.safetensors`` and its card for each k; those there are kept.

    Returns
    -------
    paths of the weights, by fold
        ``held_out.json`` and ``held_out.md`` beside them say how good they are together.
    """
    from imn.evaluation import evaluate_held_out
    from imn.storage import load_members, save_members

    folds = sorted({*config.folds, config.validation})
    written = []
    for at, test in enumerate(folds):
        path = Path(weights_dir) / f"fold{test}.safetensors"
        if not path.exists():
            validation = folds[(at + 1) % len(folds)]
            rest = tuple(fold for fold in folds if fold not in (test, validation))
            one = replace(config, folds=rest, validation=validation, out=config.out / f"fold{test}")
            stored = load_members(train(one))
            card = dict(stored.card) | {"held_out_fold": test}
            save_members(path, stored.members, stored.classes, card)
        written.append(path)
    write_result(Path(weights_dir) / "held_out.json", evaluate_held_out(weights_dir, config.data))
    return written


def prepare(entries: Sequence[Entry], recipe: Recipe) -> "Recordings":
    """Read recordings, take the baseline out, and set up their labels.

    Parameters
    ----------
    entries : sequence of Entry
    recipe : Recipe
        Says which readers need labels.

    Returns
    -------
    Recordings
    """
    from imn.fitting import Recordings

    columns = []
    for name, readers in zip(CLASSES, recipe.readers, strict=True):
        alone = len(readers) == 1
        sets = [entry.superclasses if alone else entry.subclasses for entry in entries]
        columns.append(membership(sets, (name,) if alone else readers))
    signal = remove_baseline(read_signals(entries, progress=True), FS)
    return Recordings(signal, labels(entries), np.concatenate(columns, axis=1))


class _Log:
    """Append one JSON line per call."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, line: dict[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _run_record(config: TrainingConfig, known: "Recordings", unseen: "Recordings") -> dict[str, Any]:
    """Everything that decides the outcome, so that a folder is only continued by the same run."""
    inputs = {
        part: sha256(recordings.signal.tobytes() + recordings.readers.tobytes()).hexdigest()
        for part, recordings in (("training", known), ("validation", unseen))
    }
    options = asdict(config)
    for machine_part in ("data", "out"):
        del options[machine_part]
    return {"options": options, "input_sha256": inputs, "versions": versions(), "commit": commit()}


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
    kinds = ", ".join(name for names in config.recipe.readers if len(names) > 1 for name in names)
    trained = f"trained on folds {', '.join(map(str, config.folds))}"
    chosen = f"fold {config.validation} chose the epoch, so its figures are optimistic"
    return {
        "data": DATA_CREDIT | {"trained_on_folds": list(config.folds), "chosen_on_fold": config.validation},
        "note": f"{trained}; {chosen}; labels beyond the classes: {kinds or 'none'}",
        "seeds": list(config.seeds),
        "command": f"ecglocus train --members {len(config.seeds)} --seed {config.seeds[0]}",
        **record,
    }


def _measure(path: Path, config: TrainingConfig) -> None:
    """Put the validation figures on the card."""
    from imn.evaluation import evaluate
    from imn.model import load_model

    try:
        measured = evaluate(load_model(path), config.data, config.validation)
    except InputError:
        return
    card_path = path.with_suffix(".json")
    card = json.loads(card_path.read_text(encoding="utf-8"))
    card["metrics"] = {"fold": config.validation, "n": measured["n"], "classes": measured["rows"]}
    card["metrics"] |= measured["headline"]
    write_text(card_path, json.dumps(card, indent=2, allow_nan=False) + "\n")
