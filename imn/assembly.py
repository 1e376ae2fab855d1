"""From the channels of any file to the twelve leads of a `Record`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imn.errors import InputError
from imn.leads import EXPANSION, INDEPENDENT_INDEX, LEADS
from imn.record import Record

MILLIVOLTS = {"mv": 1.0, "uv": 1e-3, "µv": 1e-3, "v": 1e3}
"""Millivolts per unit, by the unit's name in lower case."""
DERIVED = {
    "III": "I + III = II",
    "aVR": "aVR = -(I + II) / 2",
    "aVL": "aVL = I - II / 2",
    "aVF": "aVF = II - I / 2",
}
"""Einthoven's and Goldberger's identities, by the lead they are about."""
TOLERANCE = 0.03
"""Residual allowed in an identity, as a share of the largest of I, II and III (standard deviations).

PTB-XL and PTB stay under 0.009; two limb leads exchanged or one inverted give
0.06 at the least there.
"""
ROUNDING_MV = 0.005
"""Residual allowed besides for rounding: one step of a coarse recorder."""

LARGEST_MV = 1000.0
"""A sample beyond is no voltage on the skin."""

FLAT_MV = 0.01
"""A lead with less from peak to peak is flat; the least in PTB-XL and PTB is 0.2."""


@dataclass(frozen=True, eq=False)
class Channels:
    """What a file holds, as it names it.

    Parameters
    ----------
    names : sequence of str
        In the file's order and spelling.
    units : sequence of str
        One per channel; "adu" for steps of the converter.
    signal : (c, n) float64, in these units
    fs : float, Hz
    id : str
    source : str
    metadata : mapping
    """

    names: Sequence[str]
    units: Sequence[str]
    signal: NDArray[np.float64]
    fs: float
    id: str
    source: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


def assemble(channels: Channels, *, adu_per_mv: float | None = None) -> Record:
    """Pick the twelve leads by name, in mV and standard order, and check them.

    Parameters
    ----------
    channels : Channels
        Further channels (Frank leads, respiration) are left out.
    adu_per_mv : float, optional
        Steps of the converter per mV, where the unit is "adu".

    Returns
    -------
    Record

    Raises
    ------
    InputError
        If a lead is missing, given twice or flat, a unit is unknown, or the
        limb leads contradict each other.

    Notes
    -----
    The identities find exchanged, inverted or rescaled limb *channels*.
    Electrodes exchanged on the patient obey them and are not found.
    """
    rows = _rows_by_lead(channels)
    scales = {**MILLIVOLTS, "adu": 1.0 / adu_per_mv} if adu_per_mv else MILLIVOLTS
    factors = [_millivolts(channels, row, scales) for row in rows]
    signal = channels.signal[rows] * np.array(factors)[:, None]
    _check_heights(signal, channels.id)
    # The value refuses what no lead may be (NaN, too short) before leads are compared.
    record = Record(signal.astype(np.float32), channels.fs, channels.id, channels.source, channels.metadata)
    flat = [name for name, row in zip(LEADS, signal, strict=True) if np.ptp(row) < FLAT_MV]
    if flat:
        msg = (
            f"record {channels.id}: expected a signal in every lead, found lead {', '.join(flat)} flat; "
            "give a recording with all electrodes connected"
        )
        raise InputError(msg)
    check_limb_leads(signal, channels.id)
    return record


def check_limb_leads(signal: NDArray[np.floating], record_id: str) -> None:
    """Refuse limb leads that break Einthoven's or Goldberger's identities.

    Parameters
    ----------
    signal : (12, n) float, mV
    record_id : str
        For the message.

    Raises
    ------
    InputError
        Naming the worst broken identity and its residual.
    """
    expected = EXPANSION[2:6] @ signal[list(INDEPENDENT_INDEX)]
    # A lead's constant offset is no wave: compare what moves.
    residual = (signal[2:6] - expected).std(axis=1)
    largest = float(signal[:3].std(axis=1).max())
    if residual.max() <= TOLERANCE * largest + ROUNDING_MV:
        return
    worst = int(np.argmax(residual))
    hint = "the limb leads are exchanged, inverted or mislabelled; name each channel by the lead it holds"
    if _scaled_alike(signal):
        hint = (
            "every lead is equally high from peak to peak, so the gains look made up; "
            "where one converter step is the same voltage in all leads, give adu_per_mv (1000 for LUDB)"
        )
    msg = (
        f"record {record_id}: expected {DERIVED[LEADS[2 + worst]]} within {TOLERANCE:.0%} of the limb leads, "
        f"found it off by {residual[worst] / largest:.0%}; {hint}"
    )
    raise InputError(msg)


def _check_heights(signal: NDArray[np.floating], record_id: str) -> None:
    """Refuse what no amplifier gives, whose offset is 0.3 V or so at the most: a wrong unit or gain."""
    highest = np.max(np.abs(signal), initial=0.0, where=np.isfinite(signal))
    if highest > LARGEST_MV:
        msg = (
            f"record {record_id}: expected samples within {LARGEST_MV:g} mV, found {highest:.3g} mV; "
            "correct the unit or the gain"
        )
        raise InputError(msg)


def _scaled_alike(signal: NDArray[np.floating]) -> bool:
    """Tell leads normalised one by one from a true recording."""
    heights = np.ptp(signal, axis=1)
    return bool(np.ptp(heights) < 0.01 * heights.max())


def _rows_by_lead(channels: Channels) -> list[int]:
    known = {lead.casefold(): lead for lead in LEADS}
    rows: dict[str, int] = {}
    for row, name in enumerate(channels.names):
        lead = known.get(name.strip().casefold())
        if lead in rows:
            msg = (
                f"record {channels.id}: expected each lead once, found lead {lead} twice; remove one of them"
            )
            raise InputError(msg)
        if lead is not None:
            rows[lead] = row
    missing = [lead for lead in LEADS if lead not in rows]
    if missing:
        names = ", ".join(_printable(name) for name in channels.names)
        msg = (
            f"record {channels.id}: expected the 12 standard leads, lead {', '.join(missing)} missing "
            f"among channels {names}; give a 12-lead recording or correct the channel names"
        )
        raise InputError(msg)
    return [rows[lead] for lead in LEADS]


def _millivolts(channels: Channels, row: int, scales: Mapping[str, float]) -> float:
    # Unicode has two signs for micro.
    unit = channels.units[row].strip().casefold().replace("μ", "µ")
    if unit not in scales:
        msg = (
            f"record {channels.id}: expected lead {channels.names[row].strip()} in mV, uV or V, "
            f"got unit {_printable(channels.units[row])!r}; state the unit in the file"
        )
        raise InputError(msg)
    return scales[unit]


def _printable(text: str) -> str:
    return re.sub(r"[^\x20-\x7eµμ]", "?", text)[:40]
