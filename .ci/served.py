"""Fail unless ``ecglocus view`` answers on this machine's own address and ends in order when told to."""

import signal
import socket
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

PATIENCE_S = 180.0


def main() -> int:
    """Serve the demonstration, ask for its page, end it; 1 if any of that fails."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "viewer.cli", "view", "--headless", "--port", str(port)]
    served = subprocess.Popen(command)
    try:
        page = ask(f"http://127.0.0.1:{port}/", served)
        health = ask(f"http://127.0.0.1:{port}/_stcore/health", served)
    finally:
        served.send_signal(signal.SIGINT)
        status = served.wait(60)
    print(f"ecglocus view: {len(page)} bytes of page, health {health!r}, exit status {status}")
    return 0 if b"<html" in page and health == b"ok" and status == 0 else 1


def ask(address: str, served: "subprocess.Popen[bytes]") -> bytes:
    """Ask until there is an answer; nothing once the server has ended."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and served.poll() is None:
        try:
            with urlopen(address, timeout=10) as answer:
                return answer.read()
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(1)
    return b""


if __name__ == "__main__":
    sys.exit(main())
