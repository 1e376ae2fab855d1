"""The notebooks of the documentation run from the first cell to the last, and show what they say."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from viewer.offscreen import rendering_problem

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
# Before anything of Jupyter is imported: else it warns that this will be the default.
os.environ["JUPYTER_PLATFORM_DIRS"] = "1"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_are_kept_without_outputs(path):
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.fixture(scope="module")
def shown(tmp_path_factory) -> list[dict[str, Any]]:
    """Run the first notebook in a kernel, and give what each cell of code shows, by its types."""
    pytest.importorskip("ipykernel", reason='Jupyter is not installed (pip install "ecglocus[test]")')
    if rendering_problem():
        pytest.skip(str(rendering_problem()))
    import nbformat
    from nbclient import NotebookClient

    held = nbformat.read(NOTEBOOKS[0], as_version=4)
    folder = tmp_path_factory.mktemp("notebook")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        # PyVista's own download helper asks for a progress bar of Jupyter, which nothing here needs.
        patch.setenv("PYTHONWARNINGS", "ignore:IProgress not found")
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        client = NotebookClient(
            held, timeout=120, kernel_name="python3", resources={"metadata": {"path": folder}}
        )
        client.execute()
    return [
        {kind: data for output in cell.outputs for kind, data in output.get("data", {}).items()}
        | {"said": "".join(output.get("text", "") for output in cell.outputs)}
        for cell in held.cells
        if cell.cell_type == "code"
    ]


def test_the_quick_start_shows_pictures_and_tables(shown):
    pictures = [cell for cell in shown if "image/png" in cell]
    assert len(pictures) == 4  # the paper twice, the heart twice
    assert all(len(cell["image/png"]) > 10_000 for cell in pictures)
    assert sum("<table>" in cell.get("text/html", "") for cell in shown) >= 3
    assert [cell["said"] for cell in shown if cell["said"]] == []  # nor does a cell warn


def test_the_quick_start_conserves_and_finds_the_territory(shown):
    logit, evidence = eval(shown[3]["text/plain"], {"np": np})
    assert logit == pytest.approx(evidence, abs=1e-4)
    shares = eval(shown[8]["text/plain"], {"np": np})
    assert max(shares, key=shares.get) == "RCA"
