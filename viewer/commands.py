"""What every command says and keeps, and the short ones in full: train, evaluate, data, two benches."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imn.errors import InputError

if TYPE_CHECKING:
    from imn.model import Model
    from viewer.cli import Evaluate, Ptbxl, Train
    from viewer.cli_bench import Attribution, Territory


def say(words: str) -> None:
    """Write a line for people, on standard output."""
    sys.stdout.write(words + "\n")


def complain(words: str) -> None:
    """Write a line for people, on standard error."""
    sys.stderr.write(f"ecglocus: {words}\n")


def train(options: "Train") -> int:
    """Train on folds 1 to 8; fold 9 has no part in it."""
    from cine_mapping.reference_beat import add_to_card
    from imn.recipe import recipe_for
    from imn.training import TrainingConfig, cross_validate
    from imn.training import train as fit

    recipe = recipe_for(options.model)
    recipe = recipe if options.findings else replace(recipe, mixtures=(), finding_share=0.0)
    recipe = recipe if options.fidelity is None else replace(recipe, fidelity=options.fidelity)
    seeds = tuple(range(options.seed, options.seed + options.members))
    config = TrainingConfig(
        data=options.data, out=options.out, name=options.model, seeds=seeds, recipe=recipe
    )
    written = cross_validate(config) if options.cross_validate else [fit(config)]
    for path in written:
        if options.model == "ecglocus":
            add_to_card(path, options.data)
        say(str(path))
    return 0


def evaluate(options: "Evaluate") -> int:
    """Write AUROC per class with intervals as JSON and Markdown."""
    from imn.evaluation import evaluate as measure
    from imn.model import load_model

    model = _unseen(load_model(options.model), options.fold)
    return keep(options.out / "evaluate.json", measure(model, options.data, options.fold), options.json)


def data_ptbxl(options: "Ptbxl") -> int:
    """Bring PTB-XL into a folder."""
    from imn.ptbxl_download import download

    done = download(options.folder, {"100": (100,), "500": (500,), "both": (100, 500)}[options.rate])
    checked = "all checked by SHA-256" if done.checked else "not checked: the server states no SHA-256 sums"
    say(f"{done.root}: {done.fetched} files fetched, {done.kept} kept, {checked}")
    return 0


def bench_territory(options: "Territory") -> int:
    """Tell anterior from inferior infarct by the map, on real recordings."""
    from cine_mapping.anatomy_io import load_anatomy
    from cine_mapping.territory_bench import bench_territory as measure
    from imn.model import load_model

    if options.models is None:
        models, given = {options.fold: _unseen(load_model(), options.fold)}, f" --fold {options.fold}"
    else:
        models = {fold: held_out(options.models, fold) for fold in range(1, 10)}
        given = " --models DIR"
    command = f"ecglocus bench territory --data PTBXL{given}"
    measured = measure(options.data, load_anatomy(options.anatomy), models, command)
    return keep(options.out / f"{options.name}.json", measured, options.json)


def bench_attribution(options: "Attribution") -> int:
    """Train and measure ecglocus and its rivals."""
    from cine_mapping.attribution_bench import bench_attribution as measure
    from imn.attribution.bench import Size
    from imn.attribution.subjects import train_all

    train_all(options.data, options.models)
    if os.environ.get("RANK", "0") != "0":
        return 0  # torchrun shares the training out; one process is enough for the rest
    measured = measure(options.data, options.models, Size(records=options.records), workers=options.workers)
    return keep(options.out / "attribution.json", measured, options.json)


def _unseen(model: "Model", fold: int) -> "Model":
    """Refuse to measure a model on recordings that it was trained on."""
    trained = model.card.get("data", {}).get("trained_on_folds", ())
    if fold in trained:
        seen = ", ".join(map(str, trained))
        msg = f"expected a fold that {model.name} was not trained on, got {fold}; it was trained on {seen}"
        raise InputError(msg)
    return model


def held_out(folder: Path, fold: int) -> "Model":
    """Read the model of a fold, and make sure that it was not trained on it."""
    from imn.model import load_model

    model = load_model(folder / f"fold{fold}" / f"fold{fold}.safetensors")
    if model.card["data"].get("held_out_fold") != fold:
        msg = f"{folder}: fold {fold} was not held out; make models by ecglocus train --cross-validate"
        raise InputError(msg)
    return model


def keep(path: Path, measured: dict[str, Any], as_json: bool) -> int:
    """Write a result, see `imn.results.write_result`, and say its headline, in JSON if asked."""
    from imn.results import markdown, write_result

    write_result(path, measured)
    say(json.dumps(measured) if as_json else markdown(measured))
    return 0
