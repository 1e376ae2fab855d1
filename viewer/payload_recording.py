"""The recording for the browser: all of it where it is one page long, else a page at a time.

Samples are means of the signal and sums of the evidence at no more than `FASTEST_HZ`, in half
precision; nothing else is cut.  The payload holds the first page of a long recording with all
R peaks and each page's net evidence; the browser asks for another page when it is turned to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.analysis import Analysis
from viewer.payload import VERSION, Payload

FASTEST_HZ = 250.0
PAGE_S = 10.0


@dataclass(frozen=True)
class Pages:
    """How a recording is parted; the last page ends where the recording ends and is as long as the others.

    Parameters
    ----------
    fs : float, Hz
        Of the samples that are sent.
    stride : int
        The recording's own samples in one of these.
    n : int
        Samples that the recording has, of those that are sent.
    length : int
        Samples of a page.
    """

    fs: float
    stride: int
    n: int
    length: int

    @classmethod
    def of(cls, analysis: Analysis) -> "Pages":
        """Part the recording of an analysis.

        Parameters
        ----------
        analysis : Analysis

        Returns
        -------
        Pages
        """
        fs, samples = analysis.explanation.fs, analysis.explanation.signal.shape[1]
        stride = max(1, round(fs / FASTEST_HZ))
        n = samples // stride
        return cls(fs / stride, stride, n, min(n, round(PAGE_S * fs / stride)))

    @property
    def count(self) -> int:
        """Number of pages."""
        return -(-self.n // self.length)

    def first(self, page: int) -> int:
        """Give the first sample of a page.

        Parameters
        ----------
        page : int
            From 0; the nearest one counts where there is no such page.

        Returns
        -------
        int
        """
        return min(max(page, 0) * self.length, self.n - self.length)


def recording_parts(analysis: Analysis) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Give the recording's arrays and words for the payload; of a long one, the first page.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    arrays : dict
    stated : dict
        ``fs``, ``n``, ``r_peaks``; of a long one ``pages`` too: ``id``, ``count``, ``length``, ``net``.
    """
    pages = Pages.of(analysis)
    peaks = (analysis.beat.r_peaks // pages.stride).tolist()
    stated: dict[str, Any] = {"fs": pages.fs, "n": pages.n, "r_peaks": peaks}
    if pages.count > 1:
        stated["pages"] = {
            "id": recording_id(analysis),
            "count": pages.count,
            "length": pages.length,
            "net": [float(f"{value:.4g}") for value in _net(analysis, pages)],
        }
    return _samples(analysis, pages, 0), stated


def recording_page(analysis: Analysis, page: int) -> Payload:
    """Pack one page of a long recording.

    Parameters
    ----------
    analysis : Analysis
    page : int
        From 0; beyond the ends the nearest one.

    Returns
    -------
    Payload
        Which page of which recording is in ``meta``: ``of``, ``page``, ``runs``.
    """
    pages = Pages.of(analysis)
    page = min(max(page, 0), pages.count - 1)
    meta = {"version": VERSION, "of": recording_id(analysis), "page": page, "runs": runs_of(analysis, page)}
    return Payload(meta, _samples(analysis, pages, page))


def no_page(analysis: Analysis) -> Payload:
    """Pack what the browser gets before it has asked for a page: whose pages it can ask for.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    Payload
        Without arrays.
    """
    return Payload({"version": VERSION, "of": recording_id(analysis), "page": None}, {})


def runs_of(analysis: Analysis, page: int) -> list[list[int]] | None:
    """Stretches of the clusters that lie on a page, as `ClusterReading.plain` gives them.

    Parameters
    ----------
    analysis : Analysis
    page : int

    Returns
    -------
    list of [int, int]
        First of the recording's own samples and cluster; None without clusters.
    """
    if analysis.clusters is None:
        return None
    pages, order = Pages.of(analysis), analysis.clusters.order
    first = pages.first(page) * pages.stride
    held = order[first : first + pages.length * pages.stride]
    changes = np.flatnonzero(np.diff(held, prepend=-1))
    return [[first + int(at), int(held[at])] for at in changes]


def recording_id(analysis: Analysis) -> str:
    """Name what the pages are of: this recording's evidence for this label by this network.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    words = f"{analysis.record.id}\n{analysis.target}\n{analysis.explanation.model}\n"
    return sha256(words.encode() + analysis.explanation.signal.tobytes()).hexdigest()[:16]


def _samples(analysis: Analysis, pages: Pages, page: int) -> dict[str, NDArray[Any]]:
    first = pages.first(page) * pages.stride
    part = slice(first, first + pages.length * pages.stride)
    rows = (analysis.explanation.signal[:, part], _evidence(analysis, part))
    signal, evidence = (row.reshape(12, pages.length, pages.stride) for row in rows)
    return {
        "recording_ecg": signal.mean(axis=2).astype(np.float16),
        "recording_evidence": evidence.sum(axis=2).astype(np.float16),
    }


def _evidence(analysis: Analysis, part: slice) -> NDArray[np.float64]:
    """Evidence on some of the recording's samples; the whole of a long one would be large."""
    said = analysis.explanation
    weights = said.weights[said.classes.index(analysis.target), :, part]
    return weights.astype(float) * (
        said.signal[:, part].astype(float) - said.reference[:, part].astype(float)
    )


def _net(analysis: Analysis, pages: Pages) -> Sequence[float]:
    """Evidence of each `PAGE_S`, logit; together all but what the last sample leaves."""
    step = pages.length * pages.stride
    return [
        float(_evidence(analysis, slice(at, at + step)).sum())
        for at in range(0, pages.n * pages.stride, step)
    ]
