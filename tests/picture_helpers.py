"""What the tests of pictures share: colours to look for, and a spot of evidence."""

import numpy as np
from PIL import Image

PX_PER_MM = 200 / 25.4


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def orange(picture):
    red, green, blue = np.moveaxis(picture, -1, 0)
    return (red > 150) & (red - blue > 90) & (red - green > 30)


def purple(picture):
    red, green, blue = np.moveaxis(picture, -1, 0)
    return (blue - green > 40) & (red - green > 10)


def bump(anatomy, centre, width=12.0):
    distance = np.linalg.norm(anatomy.heart.points - np.array(centre), axis=1)
    return np.exp(-0.5 * (distance / width) ** 2)
