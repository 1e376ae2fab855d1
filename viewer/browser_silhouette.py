"""How well the browser's heart and the server's agree: overlap of their outlines from one camera."""

import base64
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from cine_mapping.anatomy_io import load_anatomy
from viewer.browser_probe import FIRST
from viewer.heart_scene import Paint
from viewer.seen import Camera, still

AHEAD_MM = 400.0
OFF = ("atria", "torso", "electrodes", "path", "edges", "labels", "isolines")
BARE = "{" + ", ".join(f"{name}: false" for name in OFF) + "}"
SEEN = f"""async () => {{
  const view = {FIRST};
  const before = view.getView();
  view.setView({BARE});
  await new Promise((done) => setTimeout(done, 500));
  const blob = await view.heart().png();
  const world = view.heart().camera.matrixWorld.elements;
  const words = Array.from(new Uint8Array(await blob.arrayBuffer()), (x) => String.fromCharCode(x)).join("");
  const told = {{
    png: btoa(words),
    position: world.slice(12, 15),
    back: world.slice(8, 11),
    up: world.slice(4, 7),
  }};
  view.setView(before);
  return told;
}}"""


def silhouette_iou(page: Any, anatomy: Anatomy | None = None) -> float:
    """Draw the browser's camera on the server and compare the outlines of the ventricles.

    Parameters
    ----------
    page : playwright.sync_api.Page
        That shows a view of the anatomy.
    anatomy : Anatomy, optional
        The reference by default.

    Returns
    -------
    float
        Intersection over union, 0 to 1.

    Raises
    ------
    InputError
        If this machine cannot draw.
    """
    anatomy = anatomy or load_anatomy("reference")
    told = page.evaluate(SEEN)
    browser = _browser_mask(told["png"])
    height, width = browser.shape
    target = np.array(told["position"]) - AHEAD_MM * np.array(told["back"])
    eye = Camera(tuple(told["position"]), tuple(target.tolist()), tuple(told["up"]))
    dark = Paint(np.zeros(len(anatomy.heart.points)), "cividis", (0.0, 1.0))
    drawn = still(anatomy, dark, camera=eye, size=(width, height), plain=True)
    server = (drawn < 250).any(axis=2)
    return float((browser & server).sum() / (browser | server).sum())


def _browser_mask(png: str) -> NDArray[np.bool_]:
    from PIL import Image

    with Image.open(BytesIO(base64.b64decode(png))) as picture:
        rgba = np.asarray(picture.convert("RGBA"))
    if rgba[..., 3].min() < 255:
        return rgba[..., 3] > 127
    background = rgba[0, 0, :3].astype(int)
    different = np.asarray((np.abs(rgba[..., :3].astype(int) - background) > 6).any(axis=2))
    return different
