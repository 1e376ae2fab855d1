"""The limb leads: those that a file leaves out follow from I and II, those that it has must agree with them.

Equations
---------
Einthoven 1913: ``I + III = II``; Goldberger 1942: ``aVR = -(I + II) / 2``, ``aVL = I - II / 2``,
``aVF = II - I / 2`` (`imn.leads.EXPANSION`).  They hold for whatever electrodes pick up, so that a
lead which follows from them is no estimate; many recorders store eight leads for this reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imn.errors import InputError
from imn.leads import EXPANSION, INDEPENDENT, LEADS

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


def complete_leads(given: Mapping[str, NDArray[np.floating]]) -> NDArray[np.floating]:
    """Put leads into the standard order and derive the limb leads that are not there.

    Parameters
    ----------
    given : mapping of str to (n,) float, mV
        Leads by name; I, II and V1 to V6 at the least.

    Returns
    -------
    (12, n) float, mV
        What is given stays as it is.
    """
    return np.stack([given[lead] if lead in given else _derived(lead, given) for lead in LEADS])


def _derived(lead: str, given: Mapping[str, NDArray[np.floating]]) -> NDArray[np.floating]:
    # One product after the other: a matrix product's last digits may differ from run to run.
    of_i, of_ii = EXPANSION[LEADS.index(lead), :2]
    return of_i * given["I"] + of_ii * given["II"]


def check_limb_leads(given: Mapping[str, NDArray[np.floating]], record_id: str) -> None:
    """Refuse limb leads that break Einthoven's or Goldberger's identities.

    Parameters
    ----------
    given : mapping of str to (n,) float, mV
        The leads that a file holds, by name; I, II and V1 to V6 at the least.
    record_id : str
        For the message.

    Raises
    ------
    InputError
        Naming the worst broken identity and its residual; or, where there is no lead to check by,
        if gains look made up.
    """
    held = [lead for lead in IDENTITIES if lead in given]
    if not held:
        _check_gains(given, record_id)
        return
    # A lead's constant offset is no wave: compare what moves.
    residual = np.array([(given[lead] - _derived(lead, given)).std() for lead in held])
    three = (given["I"], given["II"], given.get("III", given["II"] - given["I"]))
    largest = max(float(lead.std()) for lead in three)
    if residual.max() <= TOLERANCE * largest + ROUNDING_MV:
        return
    worst = int(np.argmax(residual))
    hint = "the limb leads are exchanged, inverted or mislabelled; name each channel by the lead it holds"
    if _scaled_alike(given.values()):
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
    return (f"the file does not hold {', '.join(leads)}: derived from I and II, as they follow exactly",)


def _check_gains(given: Mapping[str, NDArray[np.floating]], record_id: str) -> None:
    """Refuse what no identity could tell of: leads normalised one by one."""
    if _scaled_alike(given[lead] for lead in INDEPENDENT):
        msg = (
            f"record {record_id}: expected leads of different heights, "
            f"found all equally high from peak to peak, {_MADE_UP}"
        )
        raise InputError(msg)


def _scaled_alike(leads: Iterable[NDArray[np.floating]]) -> bool:
    """Tell leads normalised one by one from a true recording."""
    heights = np.array([np.ptp(lead) for lead in leads])
    return bool(np.ptp(heights) < ALIKE * heights.max())
