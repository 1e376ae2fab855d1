"""The limb leads: those that a file leaves out follow from I and II, those that it has must agree with them.

Equations
---------
Einthoven 1913: ``I + III = II``; Goldberger 1942: ``aVR = -(I + II) / 2``, ``aVL = I - II / 2``,
``aVF = II - I / 2`` (`imn.leads.EXPANSION`).  They hold for whatever electrodes pick up, so that a
lead which follows from them is no estimate; many recorders store eight leads for this reason.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imn.errors import InputError
from imn.leads import EXPANSION, LEADS

DERIVED_LEADS = "derived_leads"
"""Key of a record's metadata: a tuple of the leads that the file does not hold."""
IDENTITIES = {
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
ALIKE = 0.01
"""Leads whose heights differ by less of the highest were normalised one by one."""
_MADE_UP = (
    "so the gains look made up; where one converter step is the same voltage in all leads, "
    "tell how many make a mV: adu_per_mv (--adu-per-mv; 1000 for LUDB)"
)


def complete_leads(signal: NDArray[np.floating], leads: Sequence[str]) -> NDArray[np.floating]:
    """Put leads into the standard order and derive the limb leads that are not there.

    Parameters
    ----------
    signal : (c, n) float, mV
    leads : sequence of str
        Name of each row; I, II and V1 to V6 at the least.

    Returns
    -------
    (12, n) float, mV
        What is given stays as it is.
    """
    if tuple(leads) == LEADS:
        return signal
    given = dict(zip(leads, signal, strict=True))
    derived = [lead for lead in LEADS if lead not in given]
    given |= zip(derived, _derived(derived, given["I"], given["II"]), strict=True)
    return np.stack([given[lead] for lead in LEADS])


def _derived(leads: Sequence[str], i: NDArray[np.floating], ii: NDArray[np.floating]) -> NDArray[np.floating]:
    # One product after the other: a matrix product's last digits may differ from run to run.
    of_i, of_ii = EXPANSION[[LEADS.index(lead) for lead in leads], :2].T
    return of_i[:, None] * i + of_ii[:, None] * ii


def check_limb_leads(signal: NDArray[np.floating], leads: Sequence[str], record_id: str) -> None:
    """Refuse limb leads that break Einthoven's or Goldberger's identities.

    Parameters
    ----------
    signal : (c, n) float, mV
    leads : sequence of str
        Name of each row, those that a file holds; I, II and V1 to V6 at the least.
    record_id : str
        For the message.

    Raises
    ------
    InputError
        Naming the worst broken identity and its residual; or, where there is no lead to check by,
        if gains look made up.
    """
    held = [lead for lead in IDENTITIES if lead in leads]
    if not held:
        _check_gains(signal, record_id)
        return
    i, ii = (signal[leads.index(name)] for name in ("I", "II"))
    # A lead's constant offset is no wave: compare what moves.
    residual = (signal[[leads.index(lead) for lead in held]] - _derived(held, i, ii)).std(axis=1)
    iii = signal[leads.index("III")] if "III" in held else ii - i
    largest = float(np.std([i, ii, iii], axis=1).max())
    if residual.max() <= TOLERANCE * largest + ROUNDING_MV:
        return
    worst = int(np.argmax(residual))
    hint = "the limb leads are exchanged, inverted or mislabelled; name each channel by the lead it holds"
    if _scaled_alike(signal):
        hint = f"every lead is equally high from peak to peak, {_MADE_UP}"
    msg = (
        f"record {record_id}: expected {IDENTITIES[held[worst]]} within {TOLERANCE:.0%} of the limb leads, "
        f"found it off by {residual[worst] / largest:.0%}; {hint}"
    )
    raise InputError(msg)


def derived_hint(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """Say in a sentence which leads of a record its file does not hold.

    Parameters
    ----------
    metadata : mapping
        Of `imn.record.Record`: ``derived_leads`` is looked at.

    Returns
    -------
    tuple of str
        Empty where the file holds all twelve.
    """
    leads: Sequence[str] = metadata.get(DERIVED_LEADS, ())
    if not leads:
        return ()
    return (f"the file does not hold {', '.join(leads)}: derived from I and II",)


def _check_gains(signal: NDArray[np.floating], record_id: str) -> None:
    """Refuse what no identity could tell of: leads normalised one by one."""
    if _scaled_alike(signal):
        msg = (
            f"record {record_id}: expected leads of different heights, "
            f"found all equally high from peak to peak, {_MADE_UP}"
        )
        raise InputError(msg)


def _scaled_alike(signal: NDArray[np.floating]) -> bool:
    """Tell leads normalised one by one from a true recording."""
    heights = np.ptp(signal, axis=1)
    return bool(np.ptp(heights) < ALIKE * heights.max())
