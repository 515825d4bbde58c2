"""The scorecard: each published number beside what a cohort gives."""

import pandas as pd

from reanalysis.errors import CannotShow, NotRecorded
from reanalysis.published import agreement, register
from reanalysis.recompute import Recomputation


def scorecard(here: Recomputation) -> pd.DataFrame:
    """Recompute the whole register.

    Parameters
    ----------
    here
        The published numbers as a cohort gives them.

    Returns
    -------
    pandas.DataFrame
        The register (index ``id``; ``printed``, ``where``, ``meaning``, ``status``) with two
        more columns. ``this cohort`` is the recomputed text. ``verdict`` is ``agrees``,
        ``last digit`` or ``differs`` at the printed precision; ``contradicts itself`` or
        ``not from a cohort`` by the status of the number; ``not recorded`` or
        ``no estimate`` where this cohort cannot give it. ``remark`` says why.
    """
    rows = [_row(here, str(number), entry) for number, entry in register().iterrows()]
    return pd.DataFrame(rows).set_index("id")


def tally(card: pd.DataFrame) -> pd.Series:
    """Count the verdicts of a scorecard, most frequent first."""
    return card["verdict"].value_counts()


def _row(here: Recomputation, number: str, entry: pd.Series) -> dict[str, str]:
    recomputed, verdict, remark = "–", "not from a cohort", entry["remark"]
    if entry["recipe"]:
        try:
            recomputed = here(number)
            verdict = agreement(entry["printed"], recomputed)
        except NotRecorded as reason:
            verdict, remark = "not recorded", str(reason)
        except CannotShow as reason:
            verdict, remark = "no estimate", str(reason)
    if entry["status"] == "contradiction":
        verdict = "contradicts itself"
    return {
        "id": number,
        "where": entry["where"],
        "meaning": entry["meaning"],
        "printed": entry["printed"],
        "this cohort": recomputed,
        "verdict": verdict,
        "remark": remark,
    }
