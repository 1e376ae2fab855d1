"""From the channels of any file to the twelve leads of a `Record`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imn.errors import InputError
from imn.leads import INDEPENDENT, LEADS
from imn.limb_leads import DERIVED_LEADS, check_limb_leads, complete_leads
from imn.record import Record

MILLIVOLTS = {"mv": 1.0, "uv": 1e-3, "µv": 1e-3, "v": 1e3}
"""Millivolts per unit, by the unit's name in lower case."""
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

    Limb leads that are not there but I and II are derived (`imn.limb_leads`), and named in the
    record's metadata.

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
        If I, II or one of V1 to V6 is missing, a lead is given twice or flat, a unit is
        unknown, or the limb leads contradict each other.

    Notes
    -----
    The identities find exchanged, inverted or rescaled limb *channels* where more than I and II are
    there.  Electrodes exchanged on the patient obey them and are not found.
    """
    rows = _rows_by_lead(channels)
    scales = {**MILLIVOLTS, "adu": 1.0 / adu_per_mv} if adu_per_mv else MILLIVOLTS
    factors = [_millivolts(channels, row, scales) for row in rows.values()]
    given, leads = channels.signal[list(rows.values())] * np.array(factors)[:, None], tuple(rows)
    _check_heights(given, channels.id)
    signal = complete_leads(given, leads)
    derived = tuple(lead for lead in LEADS if lead not in leads)
    metadata = {**channels.metadata, DERIVED_LEADS: derived} if derived else channels.metadata
    # The value refuses what no lead may be (NaN, too short) before leads are compared.
    record = Record(signal.astype(np.float32), channels.fs, channels.id, channels.source, metadata)
    flat = [name for name, height in zip(LEADS, np.ptp(signal, axis=1), strict=True) if height < FLAT_MV]
    if flat:
        msg = (
            f"record {channels.id}: expected a signal in every lead, found lead {', '.join(flat)} flat; "
            "give a recording with all electrodes connected"
        )
        raise InputError(msg)
    check_limb_leads(given, leads, channels.id)
    return record


def _check_heights(signal: NDArray[np.floating], record_id: str) -> None:
    """Refuse what no amplifier gives, whose offset is 0.3 V or so at the most: a wrong unit or gain."""
    highest = np.max(np.abs(signal), initial=0.0, where=np.isfinite(signal))
    if highest > LARGEST_MV:
        msg = (
            f"record {record_id}: expected samples within {LARGEST_MV:g} mV, found {highest:.3g} mV; "
            "correct the unit or the gain"
        )
        raise InputError(msg)


def _rows_by_lead(channels: Channels) -> dict[str, int]:
    """Find the row of each lead that is there, in standard order."""
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
    missing = [lead for lead in INDEPENDENT if lead not in rows]
    if missing:
        names = ", ".join(_printable(name) for name in channels.names)
        msg = (
            f"record {channels.id}: expected the 12 standard leads, or at the least I, II and V1 to V6, "
            f"found no {', '.join(missing)} among channels {names}; "
            "give a 12-lead recording or correct the channel names"
        )
        raise InputError(msg)
    return {lead: rows[lead] for lead in LEADS if lead in rows}


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
