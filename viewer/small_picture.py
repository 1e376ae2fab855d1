"""Pictures made small enough to be kept beside the documentation."""

from pathlib import Path

from imn.files import replacing


def shrink(large: Path, small: Path, *, colours: int) -> None:
    """Halve a picture and keep few colours: an eighth of the bytes.

    Parameters
    ----------
    large : Path
    small : Path
        Of the PNG to be written.
    colours : int
    """
    from PIL import Image

    with Image.open(large) as whole:
        page = whole.convert("RGB").reduce(2)
    with replacing(small) as draft:
        page.quantize(colours, kmeans=1, dither=Image.Dither.NONE).save(draft, format="PNG", optimize=True)
