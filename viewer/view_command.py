"""``ecglocus view``: serve the page on this machine, to this machine alone unless told otherwise."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imn.errors import InputError
from viewer.app_options import AppOptions, sorted_paths
from viewer.app_theme import theme_options
from viewer.sources import DEMO, UPLOADS_MB

if TYPE_CHECKING:
    from viewer.cli_view import ViewOptions

APP = Path(__file__).with_name("app.py")


def view(options: "ViewOptions") -> int:
    """Make the first picture, then serve the page until interrupted."""
    from viewer.app_component import bundle_path, no_bundle
    from viewer.commands import complain, say

    asked = app_options(options)
    _check(asked)
    _check_port(options.address, options.port)
    os.environ.update(asked.environment())
    if bundle_path() is None:
        complain(no_bundle())
    say("Reading the recording …" if asked.sources else "Simulating the demonstration …")
    prepare(asked)
    say(f"http://{options.address}:{options.port} shows the viewer; end it with Ctrl+C.")
    sys.stdout.flush()
    serve(server_options(options.address, options.port, headless=options.headless or not _has_screen()))
    return 0


def app_options(options: "ViewOptions") -> AppOptions:
    """Sort what was named on the command line."""
    sources, store = sorted_paths(options.sources, options.store)
    models = tuple(str(path.resolve()) for path in options.model)
    hearts = tuple(name if name == "reference" else str(Path(name).resolve()) for name in options.anatomy)
    others = tuple(name for name in hearts if name != "reference")
    return AppOptions(sources, models, others, store, options.told)


def server_options(address: str, port: int, *, headless: bool) -> dict[str, Any]:
    """Give Streamlit's options: no statistics, no links to others, none of its own words in the terminal.

    Parameters
    ----------
    address : str
    port : int
    headless : bool
        Open no browser.

    Returns
    -------
    dict
        By the names of its command line, with underscores.
    """
    return {
        "server_address": address,
        "server_port": port,
        "server_headless": headless,
        "server_fileWatcherType": "none",
        "server_runOnSave": False,
        "server_maxUploadSize": UPLOADS_MB,
        "browser_gatherUsageStats": False,
        "browser_serverAddress": address,
        "client_toolbarMode": "minimal",
        "client_showErrorDetails": "none",
        "client_showErrorLinks": "false",
        "logger_hideWelcomeMessage": True,
        "logger_level": "warning",
        "global_developmentMode": False,
        "client_allowedOrigins": _own_origins(address, port),
        **theme_options(),
    }


def _own_origins(address: str, port: int) -> list[str]:
    """Name this page alone as one that Streamlit takes messages from, such as which theme to be in.

    By default pages of other hosts are, which could even have uploads sent elsewhere. Who opens this page
    by another name of this machine changes the theme of the view alone.
    """
    host = f"[{address}]" if ":" in address else address
    return [f"http://{name}:{port}" for name in dict.fromkeys((host, "127.0.0.1", "localhost"))]


def prepare(asked: AppOptions) -> None:
    """Make the first picture before anyone waits for it.

    Raises
    ------
    InputError
        If the recording, the weights or the heart that come first cannot be read.
    """
    import pyvista

    from viewer.app_component import bundle, bundle_path
    from viewer.shared import served_reading

    assert pyvista.Plotter is not None  # its parts load lazily, and not from several threads at once
    reading = served_reading((*asked.sources, DEMO)[0], "", asked.first_anatomy)
    reading.packed(reading.target(), reading.opened.annotations)
    if bundle_path() is not None:
        bundle()


def serve(flags: dict[str, Any]) -> None:
    """Run Streamlit in this process until it is interrupted."""
    from streamlit.web import bootstrap

    from viewer.leaving import keep_apart, see_off

    keep_apart()
    see_off()
    bootstrap.load_config_options(flags)
    bootstrap.run(str(APP), False, [], flags)


def _has_screen() -> bool:
    """Tell whether a browser could open here; over a plain ssh, one made for text would take the terminal."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _check_port(address: str, port: int) -> None:
    """Find out that nobody may listen there before anything is read."""
    import socket

    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            held.bind((address, port))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or str(error)
            msg = (
                f"{address}:{port}: expected an address and a port that are free, got {why!r}; choose others"
            )
            raise InputError(msg) from error


def _check(asked: AppOptions) -> None:
    """Find a wrong path before the page opens."""
    for kind, paths in (("weights", asked.models), ("an anatomy", asked.anatomies)):
        for path in paths:
            if not Path(path).is_file():
                msg = f"{path}: expected a file of {kind}, found no such file; check the path"
                raise InputError(msg)
    folder = Path(asked.store).parent
    if not folder.is_dir():
        msg = f"{asked.store}: expected a store in a folder, found no folder {folder}; make it first"
        raise InputError(msg)
