"""What ``ecglocus bench clusters`` does."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viewer.cli_bench import Clusters


def bench_clusters(options: "Clusters") -> int:
    """Measure how well clusters stand in for the network, write the result and print it."""
    from annotations.cluster_bench import Plan
    from annotations.cluster_bench import bench_clusters as measure
    from imn.model import load_model
    from viewer.commands import keep

    plan = Plan(options.data, options.ludb, options.models, options.folder, options.others)
    asked = " --others WEIGHTS" if options.others else ""
    command = f"ecglocus bench clusters --data PTBXL --ludb LUDB --models FOLDS{asked}"
    return keep(options.out / "clusters.json", measure(plan, load_model(), command), options.json)
