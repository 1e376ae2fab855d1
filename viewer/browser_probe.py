"""A real browser on a real server: what the tests of the viewer and its benchmark have in common."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from imn.errors import InputError

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
SWIFTSHADER = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
LLVMPIPE = ("--use-gl=angle", "--use-angle=gl-egl", "--ignore-gpu-blocklist")
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
HERE = "127.0.0.1"
START_S = 240.0
FIRST = "[...(globalThis.ecglocus?.views ?? [])][0]"
READY = f"() => ({FIRST})?.stats?.frames > 0"


def browser_path() -> str | None:
    """Find Chromium: named by ECGLOCUS_CHROMIUM, or on the path."""
    named = os.environ.get("ECGLOCUS_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def browsing(flags: Sequence[str] = SWIFTSHADER) -> Iterator[Any]:
    """Start a browser without a window.

    Yields
    ------
    playwright.sync_api.Browser

    Raises
    ------
    InputError
        If there is no browser, or Playwright is not installed.
    """
    path = browser_path()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        msg = 'expected Playwright, found it is not installed; pip install "ecglocus[browser]"'
        raise InputError(msg) from error
    if path is None:
        msg = "expected Chromium, found none; on Debian, apt install chromium (or set ECGLOCUS_CHROMIUM)"
        raise InputError(msg)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*flags, *QUIET])
        try:
            yield browser
        finally:
            browser.close()


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as held:
        held.bind((HERE, 0))
        return int(held.getsockname()[1])


@dataclass(frozen=True)
class Server:
    """A viewer that is being served."""

    url: str
    pid: int

    def memory_mb(self) -> float:
        """Resident memory of the server, MB."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return float("nan")


@contextmanager
def serving(
    arguments: Sequence[str], folder: Path, *, environment: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Server]:
    """Run ``ecglocus view`` until the block ends.

    Parameters
    ----------
    arguments : sequence of str
        Of the command, beside port and headless.
    folder : Path
        To run in; gets ``server.log``.
    environment : mapping of str to str
        Beside this process's own.

    Yields
    ------
    Server

    Raises
    ------
    RuntimeError
        If it does not answer.
    """
    port = free_port()
    command = [sys.executable, "-m", "viewer.cli", "view", *arguments, "--headless", "--port", str(port)]
    root = str(Path(__file__).resolve().parents[1])
    paths = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    log = folder / "server.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=file,
            stderr=file,
            env={**os.environ, "PYTHONPATH": paths, **environment},
        )
    try:
        _wait(f"http://{HERE}:{port}/_stcore/health", process, log)
        yield Server(f"http://{HERE}:{port}", process.pid)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    msg = f"the server did not answer: {log.read_text(errors='replace')[-2000:]}"
    raise RuntimeError(msg)


@dataclass
class Watch:
    """What a page did beside what it shows.

    Parameters
    ----------
    errors : list of str
        Errors on its console, and uncaught ones.
    external : list of str
        Requests to other hosts.
    socket_bytes : int
        Sent and received over the web socket.
    """

    errors: list[str] = field(default_factory=list)
    external: list[str] = field(default_factory=list)
    socket_bytes: int = 0

    def attach(self, page: Any) -> None:
        """Watch a page from now on."""
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._console)
        page.on("request", self._request)
        page.on("websocket", self._socket)

    def _console(self, message: Any) -> None:
        if message.type == "error" or "WebGL context" in message.text:
            self.errors.append(message.text)

    def _request(self, request: Any) -> None:
        if not request.url.startswith((f"http://{HERE}:", f"ws://{HERE}:", "data:", "blob:", "file:")):
            self.external.append(request.url)

    def _socket(self, socket: Any) -> None:
        if not socket.url.startswith(f"ws://{HERE}:"):
            self.external.append(socket.url)
        for event in ("framesent", "framereceived"):
            socket.on(event, self._count)

    def _count(self, frame: Any) -> None:
        self.socket_bytes += len(frame if isinstance(frame, bytes) else frame.encode())


def wait_for_view(page: Any, *, seconds: float = 60.0) -> None:
    """Wait until the heart was drawn."""
    page.wait_for_function(READY, timeout=1000 * seconds)
