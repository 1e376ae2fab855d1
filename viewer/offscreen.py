"""Find out whether pictures of the heart can be drawn on this machine.

VTK loads OpenGL at run time, and where a library is missing the process dies
of a segmentation fault instead of raising.  So a small scene is drawn in a
process of its own first, and its exit code is the answer.
"""

import os
import subprocess
import sys
from functools import cache

PACKAGES = "libegl1 libegl-mesa0 libgl1-mesa-dri libgl1 libx11-6 libxrender1 libxcursor1"
TIMEOUT_S = 120.0
SCENE = """
import pyvista
plotter = pyvista.Plotter(off_screen=True, window_size=(64, 64))
plotter.add_mesh(pyvista.Sphere(), color="red")
picture = plotter.screenshot(return_img=True)
raise SystemExit(0 if picture.std() > 1 else 3)
"""


def settings(platform: str, environment: dict[str, str]) -> dict[str, str]:
    """Choose what VTK and PyVista should be told about a machine.

    Parameters
    ----------
    platform : str
        As `sys.platform`.
    environment : dict
        As `os.environ`; what is set there stays.

    Returns
    -------
    dict
        Variables to add: EGL on Linux without a display, nothing elsewhere.
    """
    if not platform.startswith("linux") or environment.get("DISPLAY"):
        return {}
    wanted = {"PYVISTA_OFF_SCREEN": "true", "VTK_DEFAULT_OPENGL_WINDOW": "vtkEGLRenderWindow"}
    return {name: value for name, value in wanted.items() if name not in environment}


def probe_command() -> list[str]:
    """Give the command whose exit code tells whether a scene can be drawn."""
    return [sys.executable, "-c", SCENE]


def _exit_reason(command: list[str]) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return f"a test scene was not ready after {TIMEOUT_S:g} s"
    except OSError as error:
        return f"the test scene could not be started ({error})"
    if done.returncode == 0:
        return None
    if done.returncode < 0:
        return f"drawing a test scene ended with signal {-done.returncode}"
    last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
    return ": ".join([f"drawing a test scene ended with exit code {done.returncode}", *last])


@cache
def rendering_problem() -> str | None:
    """Say why pictures of the heart cannot be drawn here; None when they can.

    The answer is found once per process.  Where it is None, the process is
    left with the settings that the test scene was drawn with.

    Returns
    -------
    str or None
        One sentence with the reason and the Debian packages that mend it.
    """
    os.environ.update(settings(sys.platform, dict(os.environ)))
    reason = _exit_reason(probe_command())
    if reason is None:
        return None
    mend = (
        f"on Debian or Ubuntu, apt install {PACKAGES}"
        if sys.platform.startswith("linux")
        else "update the graphics driver"
    )
    return f"No picture of the heart can be drawn without a display here: {reason}; {mend}."
