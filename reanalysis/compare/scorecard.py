"""The scorecard: each published number beside what a cohort gives."""

import pandas as pd

from reanalysis.analysis.power import CORRELATION, RATIO
from reanalysis.compare.misses import why_it_differs
from reanalysis.compare.recomputation import Recomputation
from reanalysis.core.disclosure import HIDDEN, TooFew
from reanalysis.core.errors import CannotShow, NotRecorded
from reanalysis.paper.register import agreement, register

# From the best to what says nothing.
VERDICTS = (
    "agrees",
    "last digit",
    "differs",
    "says nothing",
    "contradicts itself",
    "withheld",
    "no estimate",
    "not recorded",
    "not from a cohort",
)
MISSES = ("last digit", "differs")
SAYS_NOTHING = (
    f"too few to find a hazard or odds ratio of {RATIO:g}, or a correlation of {CORRELATION:g}, "
    "four times in five: that nothing is found would be so in any case"
)
# Where a number that was compared comes from, by the first word of its recipe.
KINDS = {"cox": "regression", "odds": "regression", "bed": "arithmetic"}
OTHERS = "description"


def scorecard(here: Recomputation) -> pd.DataFrame:
    """Recompute the whole register.

    Parameters
    ----------
    here
        The published numbers as a cohort gives them.

    Returns
    -------
    pandas.DataFrame
        The register (index ``id``; ``printed``, ``where``, ``meaning``, ``status``) with
        more columns. ``this cohort`` is the recomputed text. ``verdict`` is ``agrees``,
        ``last digit`` or ``differs`` at the printed precision, or at that of what may be shown;
        ``says nothing`` where the paper states that nothing was found, and this cohort has not
        the power to find it; ``contradicts itself`` or ``not from a cohort`` by the status of the
        number; ``withheld`` where it may not be shown;
        ``not recorded`` or ``no estimate`` where this cohort cannot give it. ``remark`` says why,
        and of a miss in a regression row whether the coefficient or its standard error is off.
        ``kind`` is ``regression``, ``arithmetic`` (of the dose, which asks no cohort) or
        ``description``; empty for what is not from a cohort.
    """
    rows = [_row(here, str(number), entry) for number, entry in register().iterrows()]
    return pd.DataFrame(rows).set_index("id")


def tally(card: pd.DataFrame) -> pd.Series:
    """Count the verdicts of a scorecard, most frequent first."""
    return card["verdict"].value_counts()


def section(where: str) -> str:
    """Give the part of the paper in which a number stands.

    Parameters
    ----------
    where
        As the register has it: one or more places, the one that it is quoted from first.

    Returns
    -------
    str
        A table, a section of the results, or ``Methods``, ``Discussion``, ``Abstract``.
    """
    places = [place.partition(",")[0] for place in where.split("; ")]
    tables = [place for place in places if place.startswith("Table")]
    place = (tables or [place for place in places if place != "Abstract"] or places)[0]
    return "Methods" if place.startswith("Methods") else place


def by_section(card: pd.DataFrame) -> pd.DataFrame:
    """Count the verdicts of a scorecard in each part of the paper.

    Parameters
    ----------
    card
        As ``scorecard`` gives it.

    Returns
    -------
    pandas.DataFrame
        One row per part, in the order of the register; one column per verdict that occurs,
        in the order of ``VERDICTS``.
    """
    parts = card["where"].map(section)
    counts = pd.crosstab(parts, card["verdict"])
    present = [verdict for verdict in VERDICTS if verdict in counts]
    return (
        counts.loc[list(dict.fromkeys(parts)), present].rename_axis(None).rename_axis(None, axis=1)
    )


def _row(here: Recomputation, number: str, entry: pd.Series) -> dict[str, str]:
    recomputed, verdict, remark = "–", "not from a cohort", entry["remark"]
    if entry["recipe"]:
        try:
            recomputed = here(number)
            verdict = agreement(here.printed(number), recomputed)
            if verdict == "agrees" and here.says_nothing(number):
                verdict, remark = "says nothing", remark or SAYS_NOTHING
            exact = not here.policy.hides  # the distance has as many digits as one likes
            if exact and verdict in MISSES and (model := here.coefficient(number)):
                remark = remark or why_it_differs(number, *model)
        except TooFew as reason:
            recomputed, verdict, remark = HIDDEN, "withheld", str(reason)
        except NotRecorded as reason:
            verdict, remark = "not recorded", str(reason)
        except CannotShow as reason:
            verdict, remark = "no estimate", str(reason)
    if entry["status"] == "contradiction":
        verdict, remark = "contradicts itself", entry["remark"]
    return {
        "id": number,
        "where": entry["where"],
        "meaning": entry["meaning"],
        "printed": entry["printed"],
        "this cohort": recomputed,
        "kind": KINDS.get(entry["recipe"].partition(" ")[0], OTHERS) if entry["recipe"] else "",
        "verdict": verdict,
        "remark": remark,
    }
