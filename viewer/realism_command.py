"""What ``ecglocus bench realism`` does."""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viewer.cli_bench import Realism


def bench_realism(options: "Realism") -> int:
    """Compare simulated with real ECGs, write the result and print it."""
    from cine_mapping.realism_bench import Size
    from cine_mapping.realism_bench import bench_realism as measure
    from imn.results import markdown, write_result
    from viewer.commands import say

    command = f"ecglocus bench realism --data PTBXL --patients {options.patients} --seed {options.seed}"
    measured = measure(options.data, Size(options.patients, options.seed), command)
    write_result(options.out / "realism.json", measured)
    say(json.dumps(measured) if options.json else markdown(measured))
    return 0
