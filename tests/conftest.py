"""Fixtures that every test file may use."""

import os
from pathlib import Path

import pytest
import torch._dynamo  # noqa: F401

# torch's optimisers bring Triton, and software OpenGL brings Mesa, each with an LLVM of its own.  A process
# that has drawn a picture before it loads Triton crashes, so the tests load Triton first.


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of real recordings and anatomies, or a skip that says what is missing."""
    folder = os.environ.get("ECGLOCUS_DATA")
    if not folder:
        pytest.skip("ECGLOCUS_DATA is not set: it names the folder with ptbxl, ludb, ptbdb and anatomy")
    path = Path(folder)
    missing = [part for part in ("ptbxl", "ludb", "ptbdb", "anatomy") if not (path / part).is_dir()]
    if missing:
        pytest.skip(f"ECGLOCUS_DATA={path} lacks {', '.join(missing)}")
    return path
