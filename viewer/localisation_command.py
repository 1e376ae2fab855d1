"""``ecglocus anatomy learn`` and ``ecglocus bench localisation``."""

from typing import TYPE_CHECKING

from imn.errors import InputError

if TYPE_CHECKING:
    from cine_mapping.localisation.bench import Abroad
    from imn.model import Model
    from viewer.cli_anatomy import Learn
    from viewer.cli_bench import Localisation


def anatomy_learn(options: "Learn") -> int:
    """Simulate, learn, calibrate, and write the decoders."""
    from cine_mapping.forward_setting import load_setting, suited
    from cine_mapping.localisation.build import Lesson, learn_anatomy
    from cine_mapping.operators.learned import save_learned
    from imn.model import load_model
    from viewer.commands import say

    if options.out.suffix != ".npz":
        msg = f"expected --out to end in .npz, got {options.out}; name a file of decoders"
        raise InputError(msg)
    if options.patients < 10:
        msg = f"--patients: expected 10 or more, got {options.patients}; fewer teach nothing"
        raise InputError(msg)
    if options.network and options.anatomy != "reference":
        msg = (
            "--network: expected the reference anatomy, whose recordings are simulated; leave one of them out"
        )
        raise InputError(msg)
    setting = load_setting(options.anatomy)
    lesson = Lesson(
        setting=setting if options.anatomy == "reference" else suited(setting),
        patients=options.patients,
        model=load_model() if options.network else None,
        folder=options.folder,
        workers=options.workers,
    )
    learned = learn_anatomy(lesson)
    save_learned(learned, options.out)
    say(f"{options.out}: {learned.origin}")
    return 0


def bench_localisation(options: "Localisation") -> int:
    """Score every mapping, and write the result."""
    from cine_mapping.localisation.bench import Plan
    from cine_mapping.localisation.bench import bench_localisation as measure
    from imn.model import load_model
    from viewer.commands import keep

    if options.patients < 2:
        msg = f"--patients: expected 2 or more, got {options.patients}; an interval needs them"
        raise InputError(msg)
    plan = Plan(
        patients=options.patients,
        abroad=_abroad(options),
        model=load_model(),
        folder=options.folder,
        workers=options.workers,
        data=options.data,
        readers=_readers(options),
    )
    abroad = "".join(f" {path.name}" for path in options.anatomies)
    command = "ecglocus bench localisation" + (f" --anatomies{abroad} --learned ..." if abroad else "")
    command += " --data PTBXL --models DIR" if options.data else ""
    return keep(options.out / "localisation.json", measure(plan, command), options.json)


def _readers(options: "Localisation") -> "dict[int, Model] | None":
    from viewer.commands import held_out

    if (options.data is None) != (options.models is None):
        msg = "expected both --data and --models for the real recordings, got one of them; give the other"
        raise InputError(msg)
    return {fold: held_out(options.models, fold) for fold in range(1, 10)} if options.models else None


def _abroad(options: "Localisation") -> "dict[str, Abroad]":
    from cine_mapping.forward_setting import load_setting, suited
    from cine_mapping.localisation.bench import Abroad
    from cine_mapping.operators.learned import load_learned

    if options.learned and len(options.learned) != len(options.anatomies):
        given, wanted = len(options.learned), len(options.anatomies)
        msg = f"--learned: expected a file for each of {wanted} anatomies, got {given}; give as many or none"
        raise InputError(msg)
    taught = [load_learned(path) for path in options.learned] or [None] * len(options.anatomies)
    return {
        path.stem: Abroad(suited(load_setting(path)), held)
        for path, held in zip(options.anatomies, taught, strict=True)
    }
