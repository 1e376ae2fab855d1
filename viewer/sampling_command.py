"""What ``ecglocus bench sampling`` does."""

from pathlib import Path
from typing import TYPE_CHECKING

from imn.errors import InputError

if TYPE_CHECKING:
    from imn.model import Model
    from viewer.cli_sampling import Sampling


def bench_sampling(options: "Sampling") -> int:
    """Train what is missing, measure, write result and figures."""
    from cine_mapping.anatomy_io import load_anatomy
    from cine_mapping.sampling_bench import Readers
    from cine_mapping.sampling_bench import bench_sampling as measure
    from imn.model import load_model
    from imn.sampling.runs import Study
    from viewer.commands import keep
    from viewer.sampling_pictures import draw

    shipped = load_model()
    held_out = {} if options.models is None else _held_out(options.models)
    readers = Readers({shipped.card["data"]["held_out_fold"]: shipped}, held_out)
    study = Study(options.data, options.folder, seeds=tuple(range(options.repeats)))
    command = "ecglocus bench sampling --data PTBXL"
    command += " --models MODELS" if held_out else ""
    command += f" --repeats {options.repeats}" if options.repeats > 1 else ""
    measured = measure(study, readers, load_anatomy("reference"), command)
    draw(measured, options.pictures)
    return keep(options.out / "sampling.json", measured, options.json)


def _held_out(folder: Path) -> "dict[int, Model]":
    """Read one model per fold of PTB-XL that has one."""
    from viewer.commands import held_out

    folds = [fold for fold in range(1, 11) if (folder / f"fold{fold}" / f"fold{fold}.safetensors").is_file()]
    if not folds:
        msg = f"{folder}: expected models fold1, fold2, ..., found none; run ecglocus train --cross-validate"
        raise InputError(msg)
    return {fold: held_out(folder, fold) for fold in folds}
