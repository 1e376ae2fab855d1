"""Every way to name recordings gives them in order; what a list may not say is refused."""

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from imn.errors import InputError
from tests.tiny_ptbxl import write_ptbxl
from viewer.batch_inputs import list_recordings


def listed(*inputs: Path, column: str | None = None) -> list[str]:
    return list(list_recordings(inputs, column))


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    return write_ptbxl(tmp_path_factory.mktemp("data"), [1, 2, 3], seconds=2.0)


def test_ptbxl_by_its_folder_or_its_table(root):
    wanted = [str(root / "records100" / f"{i:05d}_lr") for i in range(3)]
    assert listed(root) == listed(root / "ptbxl_database.csv") == wanted
    assert listed(root, column="strat_fold") == [str(root / str(i)) for i in (1, 2, 3)]


def test_a_folder_is_searched_below_in_order_and_headers_stand_for_their_signals(root, tmp_path):
    below = [str(root / "records100" / f"{i:05d}_lr.hea") for i in range(3)]
    assert listed(root / "records100") == below
    for name in ("b/two.edf", "a/one.dcm", "a/notes.txt", "a/loose.dat"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert listed(tmp_path) == [str(tmp_path / "a" / "one.dcm"), str(tmp_path / "b" / "two.edf")]


def test_records_files_lead_to_recordings_and_to_folders_with_a_list_of_their_own(tmp_path):
    (tmp_path / "g1").mkdir()
    (tmp_path / "RECORDS").write_text("top\n\ng1/\n")
    (tmp_path / "g1" / "RECORDS").write_text("inner\n")
    wanted = [str(tmp_path / "top"), str(tmp_path / "g1" / "inner")]
    assert listed(tmp_path) == listed(tmp_path / "RECORDS") == wanted


@pytest.mark.parametrize("name", ["../elsewhere", "/etc/passwd", "a/../../b", "./"])
def test_a_records_file_stays_in_its_folder(tmp_path, name):
    (tmp_path / "RECORDS").write_text(f"{name}\n")
    with pytest.raises(InputError, match="below its own folder"):
        listed(tmp_path)


def test_lists_of_paths(tmp_path):
    parquet.write_table(pa.table({"id": [1, 2], "path": ["a", "/b/c"]}), tmp_path / "list.parquet")
    (tmp_path / "list.csv").write_text("age,path,other\n50,a,x\n60,/b/c,y\n")
    wanted = [str(tmp_path / "a"), "/b/c"]
    assert listed(tmp_path / "list.parquet") == listed(tmp_path / "list.csv") == wanted
    assert listed(tmp_path / "list.csv", column="other") == [str(tmp_path / "x"), str(tmp_path / "y")]
    assert listed(tmp_path / "list.csv", tmp_path / "list.parquet") == 2 * wanted


def test_a_table_of_samples_is_a_recording(tmp_path):
    (tmp_path / "ecg.csv").write_text("I (mV),II (mV)\n0,0\n")
    assert listed(tmp_path / "ecg.csv") == [str(tmp_path / "ecg.csv")]


def test_what_cannot_be_a_list_is_told(tmp_path):
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")
    parquet.write_table(pa.table({"id": [1]}), tmp_path / "other.parquet")
    (tmp_path / "hole.csv").write_text("path\na\n \n")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00path")
    parquet.write_table(pa.table({"path": ["a", None]}), tmp_path / "null.parquet")
    for name, said in [
        ("broken.parquet", "expected a Parquet file"),
        ("other.parquet", "name it by --column"),
        ("hole.csv", "a path in every line"),
        ("null.parquet", "a path in every line"),
        ("binary.csv", "could not read it"),
        ("missing", "found nothing"),
    ]:
        with pytest.raises(InputError, match=said):
            listed(tmp_path / name)
