"""A batch on two Ray nodes of this host, one of which is killed midway.

Run as a script, in a process of its own: Ray is told of threads and paths through the environment.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

AT_WORK = 6
"""Shards that are there when the node is lost."""


def run(inputs: str, out: Path) -> tuple[int, int]:
    """Begin two nodes of one processor each, and lose the second while both are at work.

    Parameters
    ----------
    inputs : str
        As ``ecglocus batch`` takes them: `AT_WORK` recordings or more.
    out : Path

    Returns
    -------
    (shards that were there when the node was lost, exit status of the batch)
    """
    from ray.cluster_utils import Cluster  # pyright: ignore[reportMissingImports]

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    node = cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    command = [sys.executable, "-W", "ignore", "-m", "viewer.cli", "batch", inputs, "--out", str(out)]
    told = ["--shard", "1", "--workers", "2", "--engine", "ray"]
    batch = subprocess.Popen([*command, *told], env=os.environ | {"RAY_ADDRESS": str(cluster.address)})
    while batch.poll() is None and len(list((out / "records").glob("*.parquet"))) < AT_WORK:
        time.sleep(0.05)
    there = len(list((out / "records").glob("*.parquet")))
    cluster.remove_node(node, allow_graceful=False)
    status = batch.wait(200)
    cluster.shutdown()
    return there, status


if __name__ == "__main__":
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    sys.stdout.write("ended " + " ".join(map(str, run(sys.argv[1], Path(sys.argv[2])))) + "\n")
