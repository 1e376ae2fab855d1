"""Bringing PTB-XL: from a local server with a small tree of made-up recordings in PTB-XL's layout."""

import errno
import hashlib
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from wfdb.io import download as wfdb_download

from imn import ptbxl_download, read_record
from imn.errors import InputError
from imn.ptbxl_download import SOURCE, STAGING, SUMS, TABLES, download
from tests.synthetic import ecg, write_wfdb
from viewer.cli import main

HEAD = "ecg_id,patient_id,scp_codes,strat_fold,filename_lr,filename_hr\n"


class Server:
    """Serves a folder; notes what was asked for, and can cut or spoil a file."""

    def __init__(self, root: Path) -> None:
        self.root, self.asked, self.cut, self.spoilt = root, [], set(), set()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self.thread = Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}/"

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, server: Server, *rest) -> None:
        self.owner = server
        super().__init__(*rest, directory=str(server.root))

    def do_GET(self) -> None:
        name = self.path.removeprefix(f"/{SOURCE}/")
        self.owner.asked.append(name)
        if name not in self.owner.cut | self.owner.spoilt:
            super().do_GET()
            return
        content = (self.owner.root / SOURCE / name).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if name in self.owner.cut else content[::-1])

    def log_message(self, *_) -> None:
        pass


def build(root: Path) -> None:
    """Six recordings in six folds, at both rates; the last has no 500 Hz file."""
    rows = []
    for number in range(1, 7):
        stems = {}
        for fs, kind in ((100.0, "lr"), (500.0, "hr")):
            folder = root / f"records{fs:g}" / "00000"
            header = write_wfdb(_made(folder), ecg(fs, np.arange(0.4, 10, 0.8 + number / 100), 10.0), fs=fs)
            stem = f"{number:05d}_{kind}"
            header.with_suffix(".dat").rename(folder / f"{stem}.dat")
            (folder / f"{stem}.hea").write_text(header.read_text().replace("rec", stem))
            header.unlink()
            stems[kind] = f"records{fs:g}/00000/{stem}"
        high = stems["hr"] if number < 6 else ""
        rows.append(f"{number},{number}.0,{{'NORM': 100.0}},{number},{stems['lr']},{high}\n")
    (root / "ptbxl_database.csv").write_text(HEAD + "".join(rows))
    (root / "scp_statements.csv").write_text(
        ",diagnostic,diagnostic_class,diagnostic_subclass\nNORM,1.0,NORM,NORM\n"
    )
    (root / "LICENSE.txt").write_text("Creative Commons Attribution 4.0\n")
    state_sums(root)


def state_sums(root: Path) -> None:
    (root / SUMS).unlink(missing_ok=True)
    files = sorted(path for path in root.rglob("*") if path.is_file())
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()} {path.relative_to(root).as_posix()}"
        for path in files
    ]
    (root / SUMS).write_text("\n".join(lines) + "\n")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def server(tmp_path, monkeypatch) -> Iterator[Server]:
    build(tmp_path / "served" / SOURCE)
    found = Server(tmp_path / "served")
    monkeypatch.setattr(ptbxl_download, "PAUSES_S", (0.0, 0.0))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    before = wfdb_download.config.db_index_url
    wfdb_download.set_db_index_url(found.url)
    yield found
    wfdb_download.set_db_index_url(before)
    found.close()


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def served(server: Server, *rates: int) -> dict[str, bytes]:
    """What should be there."""
    everything = files(server.root / SOURCE)
    wanted = tuple(f"records{rate}/" for rate in rates)
    kept = {name: b for name, b in everything.items() if name in TABLES or name.startswith(wanted)}
    return {name: b for name, b in kept.items() if "00006_hr" not in name}


@pytest.mark.parametrize("rates", [(100,), (500,), (100, 500)])
def test_brings_the_native_layout(server, tmp_path, rates):
    done = download(tmp_path / "got", rates)
    assert files(tmp_path / "got") == served(server, *rates)
    assert (done.root, done.kept, done.checked) == (tmp_path / "got", 0, True)
    assert done.fetched == len(served(server, *rates))
    record = read_record(tmp_path / "got" / f"records{rates[0]}" / "00000" / f"00003_{'lh'[rates[0] > 100]}r")
    assert (record.fs, record.duration) == (rates[0], 10.0)


def test_folds(server, tmp_path):
    download(tmp_path, folds=[2, 5])
    assert sorted(path.name for path in (tmp_path / "records100" / "00000").glob("*.dat")) == [
        "00002_lr.dat",
        "00005_lr.dat",
    ]


def test_brings_only_what_is_missing_or_damaged(server, tmp_path):
    root = tmp_path / "got"
    download(root)
    first, second, third = (root / "records100" / "00000" / f"0000{i}_lr.dat" for i in (1, 2, 3))
    first.unlink()
    second.write_bytes(second.read_bytes()[:100])
    third.write_bytes(third.read_bytes()[::-1])
    own = root / "my notes.txt"
    own.write_text("mine")
    server.asked.clear()
    done = download(root)
    assert sorted(server.asked) == sorted(
        [SUMS, *(path.relative_to(root).as_posix() for path in (first, second, third))]
    )
    assert (done.fetched, done.kept) == (3, 12)
    assert own.read_text() == "mine"
    own.unlink()
    assert files(root) == served(server, 100)


def test_nothing_is_left_half_written(server, tmp_path):
    server.cut.add("records100/00000/00004_lr.dat")
    with pytest.raises(InputError, match="check the network connection and run the same command again"):
        download(tmp_path / "got")
    found, right = files(tmp_path / "got"), served(server, 100)
    assert "records100/00000/00004_lr.dat" not in found
    assert all(right[name] == content for name, content in found.items())
    assert not (tmp_path / "got" / STAGING).exists()
    assert server.asked.count("records100/00000/00004_lr.dat") == 3
    server.cut.clear()
    server.asked.clear()
    assert download(tmp_path / "got").kept == len(found)
    assert files(tmp_path / "got") == right


def test_a_passing_failure_is_tried_again(server, tmp_path, monkeypatch):
    name = "records100/00000/00002_lr.hea"
    server.spoilt.add(name)
    monkeypatch.setattr(ptbxl_download.time, "sleep", lambda _: server.spoilt.clear())
    download(tmp_path / "got")
    assert server.asked.count(name) == 2
    assert files(tmp_path / "got") == served(server, 100)


def test_interruption_keeps_what_is_complete(server, tmp_path, monkeypatch):
    result = Future.result
    monkeypatch.setattr(Future, "result", _interrupting_at(6, result))
    with pytest.raises(KeyboardInterrupt):
        download(tmp_path / "got")
    monkeypatch.setattr(Future, "result", result)
    found, right = files(tmp_path / "got"), served(server, 100)
    assert 5 <= len(found) < len(right)
    assert all(right[name] == content for name, content in found.items())
    assert download(tmp_path / "got").kept == len(found)
    assert files(tmp_path / "got") == right


def _interrupting_at(count: int, result):
    calls = []

    def counted(self, timeout=None):
        calls.append(1)
        if len(calls) == count:
            raise KeyboardInterrupt
        return result(self, timeout)

    return counted


def test_what_a_killed_download_left_is_taken_away(server, tmp_path):
    _made(tmp_path / STAGING).joinpath("records100-00000-00001_lr.dat").write_bytes(b"half")
    download(tmp_path, folds=[1])
    assert not (tmp_path / STAGING).exists()


def test_wrong_content_is_refused(server, tmp_path):
    server.spoilt.add("records100/00000/00001_lr.dat")
    with pytest.raises(InputError, match=r"00001_lr.dat: expected content with the SHA-256 sum"):
        download(tmp_path / "got")
    assert not (tmp_path / "got" / "records100" / "00000" / "00001_lr.dat").exists()


def test_a_server_without_sums(server, tmp_path):
    (server.root / SOURCE / SUMS).unlink()
    done = download(tmp_path / "got")
    assert not done.checked
    assert files(tmp_path / "got") == served(server, 100)
    assert download(tmp_path / "got").fetched == 0


def test_a_table_of_the_users_own_is_left_alone(server, tmp_path):
    (tmp_path / "ptbxl_database.csv").write_text(HEAD)
    with pytest.raises(InputError, match="expected the file of PTB-XL 1.0.3 or none, found another"):
        download(tmp_path)
    assert (tmp_path / "ptbxl_database.csv").read_text() == HEAD


@pytest.mark.parametrize("stem", ["../../outside", "/etc/passwd", "records100/../../x_lr"])
def test_names_that_lead_elsewhere_are_refused(server, tmp_path, stem):
    table = server.root / SOURCE / "ptbxl_database.csv"
    table.write_text(HEAD + f"1,1,{{}},1,{stem},\n")
    state_sums(server.root / SOURCE)
    with pytest.raises(InputError, match="expected names such as records100/00000/00001_lr"):
        download(tmp_path / "got")


@pytest.mark.parametrize("options", [{"rates": (250,)}, {"rates": ()}])
def test_unknown_rates(tmp_path, options):
    with pytest.raises(InputError, match="expected rates 100, 500 or both"):
        download(tmp_path, **options)


def test_no_such_fold(server, tmp_path):
    with pytest.raises(InputError, match="found no recording; choose other folds"):
        download(tmp_path, folds=[11])


def test_no_network(server, tmp_path):
    server.http.server_close()
    wfdb_download.set_db_index_url("http://127.0.0.1:9/")
    with pytest.raises(InputError, match="expected PTB-XL from http://127.0.0.1:9/.*check the network"):
        download(tmp_path)
    assert not files(tmp_path / "got")


def test_disk_too_small(server, tmp_path, monkeypatch):
    monkeypatch.setattr(ptbxl_download, "BYTES", {100: 10**15, 500: 10**15})
    with pytest.raises(InputError, match=r"expected .* GB of free space, found .* GB; free some"):
        download(tmp_path)


def test_disk_full(server, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(wfdb_download, "dl_full_file", full)
    with pytest.raises(InputError, match="found the disk full; free some and run the same command again"):
        download(tmp_path)


def test_a_file_where_the_folder_should_be(server, tmp_path):
    (tmp_path / "got").write_text("")
    with pytest.raises(InputError, match="expected a folder to write to"):
        download(tmp_path / "got")


def test_command(server, tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main(["data", "ptbxl", str(tmp_path / "got"), "--rate", "both"])
    assert end.value.code == 0
    assert (
        capsys.readouterr().out == f"{tmp_path / 'got'}: 25 files fetched, 0 kept, all checked by SHA-256\n"
    )
    assert files(tmp_path / "got") == served(server, 100, 500)


def test_command_without_network_says_one_sentence(server, tmp_path, capsys):
    wfdb_download.set_db_index_url("http://127.0.0.1:9/")
    with pytest.raises(SystemExit) as end:
        main(["data", "ptbxl", str(tmp_path / "got")])
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("ecglocus: expected PTB-XL from")
    assert said.count("\n") == 1


def test_importing_leaves_wfdb_alone():
    import subprocess

    code = "import sys, imn.ptbxl_download; sys.exit('wfdb' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
