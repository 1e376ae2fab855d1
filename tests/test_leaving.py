"""Who closed the page is forgotten, and what ``ecglocus view`` says where it cannot serve."""

import ctypes
import socket
import subprocess
import sys
from types import SimpleNamespace

import pytest

from viewer import leaving
from viewer.cli import main
from viewer.leaving import Leaving
from viewer.view_command import server_options


def test_nobody_leaves_before_he_was_away_for_long():
    visitors, here = Leaving(gone_s=20), {"a", "b"}
    for name in here:
        visitors.arrive(name, 0.0)
    assert visitors.left(here.__contains__, 100.0) == set()  # long, but here
    here.remove("a")
    assert visitors.left(here.__contains__, 115.0) == set()
    here.add("a")  # the connection was only lost
    assert visitors.left(here.__contains__, 119.0) == set()
    here.remove("a")
    assert visitors.left(here.__contains__, 130.0) == set()
    assert visitors.left(here.__contains__, 139.5) == {"a"}
    assert visitors.left(here.__contains__, 200.0) == set()  # told once


def test_sessions_end_in_their_own_thread():
    closed, asked = [], []

    class Loop:
        def call_soon_threadsafe(self, call, *of):
            asked.append(of)
            call(*of)

    class Served:
        def _get_async_objs(self):
            return type("Objects", (), {"eventloop": Loop()})

        def close_session(self, visitor):
            closed.append(visitor)

    leaving._close(Served(), {"a"})
    assert closed == ["a"]
    assert asked == [("a",)]


def test_memory_is_given_back_where_the_system_has_the_call_for_it(monkeypatch):
    trimmed = []
    libraries = iter([SimpleNamespace(malloc_trim=trimmed.append), SimpleNamespace()])  # glibc, musl
    monkeypatch.setattr(leaving.ctypes, "CDLL", lambda _: next(libraries))
    for system, times in (("linux", 1), ("linux", 1), ("darwin", 1)):
        monkeypatch.setattr(leaving.sys, "platform", system)
        leaving.give_back()
        assert trimmed == [0] * times


@pytest.mark.skipif(sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="no glibc")
@pytest.mark.parametrize("kept_apart", [False, True])
def test_what_is_large_lies_by_itself_whatever_was_freed_before(kept_apart):
    told = f"""
import ctypes
from viewer.leaving import keep_apart

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
fields = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
Info = type("Info", (ctypes.Structure,), {{"_fields_": [(name, ctypes.c_size_t) for name in fields]}})
libc.mallinfo2.restype = Info
if {kept_apart}:
    keep_apart()
libc.free(libc.malloc(30_000_000))  # of itself glibc takes this for the size of what comes and goes
before = libc.mallinfo2().hblkhd
held = libc.malloc(1_000_000)
print(libc.mallinfo2().hblkhd - before >= 1_000_000)
"""
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(kept_apart)


def test_streamlit_has_what_is_needed_to_end_a_session():
    from streamlit.runtime import Runtime

    for name in ("is_active_session", "close_session", "_get_async_objs"):
        assert callable(getattr(Runtime, name))


@pytest.mark.parametrize("port", [0, 99_999])
def test_a_port_that_cannot_be_had_is_one_sentence(port, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SystemExit) as ended:
            main(["view", "--headless", "--port", str(port or taken.getsockname()[1])])
    said = capsys.readouterr()
    assert ended.value.code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "expected an address and a port that are free" in said.err


def test_the_terminal_and_the_page_lead_to_nobody_else():
    options = server_options("127.0.0.1", 8501, headless=True)
    assert options["client_showErrorLinks"] == "false"
    assert options["logger_hideWelcomeMessage"] is True
    assert options["logger_level"] == "warning"
