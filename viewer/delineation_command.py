"""What ``ecglocus bench delineation`` does."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viewer.cli_bench import Delineation


def bench_delineation(options: "Delineation") -> int:
    """Compare limits of waves with LUDB's cardiologists, write the result and print it."""
    from annotations.delineation_bench import bench_delineation as measure
    from viewer.commands import keep

    measured = measure(options.data, "ecglocus bench delineation --data LUDB")
    return keep(options.out / "delineation.json", measured, options.json)
