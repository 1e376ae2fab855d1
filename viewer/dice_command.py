"""Dice of the maps against derived references; teaching the mapping that knows statements."""

import json
from typing import TYPE_CHECKING

from imn.errors import InputError

if TYPE_CHECKING:
    from viewer.cli_annotations import Teach
    from viewer.cli_bench import Dice


def bench_dice(options: "Dice") -> int:
    """Measure, write the result, print it."""
    from annotations.dice_bench import Plan
    from annotations.dice_bench import bench_dice as measure
    from cine_mapping.anatomy_io import load_anatomy
    from imn.model import load_model
    from imn.results import markdown, write_result
    from viewer.commands import say

    plan = Plan(options.data, options.ludb, options.models)
    asked = " --models MODELS" if options.models else ""
    command = f"ecglocus bench dice --data PTBXL --ludb LUDB{asked}"
    measured = measure(plan, load_model(), load_anatomy("reference"), command)
    write_result(options.out / "dice.json", measured)
    say(json.dumps(measured) if options.json else markdown(measured))
    return 0


def teach(options: "Teach") -> int:
    """Learn which evidence goes with which statement, and write it."""
    from annotations.readings import ptbxl_stated
    from annotations.teaching import teach as learn
    from cine_mapping.anatomy_io import load_anatomy
    from cine_mapping.operators.statements import save_statements
    from imn.model import load_model
    from viewer.commands import say

    paths = {fold: options.models / f"fold{fold}" / f"fold{fold}.safetensors" for fold in range(1, 9)}
    missing = [path for path in paths.values() if not path.is_file()]
    if missing:
        msg = f"expected the models of ecglocus train --cross-validate, found no {missing[0]}; train them"
        raise InputError(msg)
    models = {fold: load_model(path) for fold, path in paths.items()}
    learned = learn(ptbxl_stated(options.data, models), models, load_anatomy("reference"))
    save_statements(learned, "PTB-XL folds 1-8, each read by a network that never saw it", options.out)
    say(f"{options.out}: what statements teach of {', '.join(learned)}")
    return 0
