"""What the widgets say of this paper, and where they read its curves.

A widget gets it in its payload; the scripts in ``js/`` know the methods only.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from reanalysis.analysis.prediction import ENDPOINTS, CoxModel
from reanalysis.core.dictionary import load_dictionary
from reanalysis.paper.study import ANY_CR, RATE_MONTH

TIME_AXIS = "Months after SBRT"
LAST_MONTH = 60  # where the axis of a survival curve ends at the latest

# What no prediction at the start can use, by its column: why, and where the book explains it.
KNOWN_LATER = {
    ANY_CR.column: {
        "why": (
            "whether a tumour responds is seen months after treatment, and who fails or dies early "
            "cannot reach it. A prediction at the start cannot use it, and its ratio is partly "
            "immortal time. Both patients count as responders until this is changed."
        ),
        "href": "../notebooks/09_overall_survival.html#a-fairer-start-the-landmark",
        "link": "Immortal time, and a fairer start",
    }
}


def outcome_words(offered: Iterable[Mapping[str, CoxModel]]) -> dict[str, dict[str, Any]]:
    """Return what the explorer says of each outcome, and where its curves end.

    Parameters
    ----------
    offered
        For each source the models on offer, by outcome.
    """
    ends = dict.fromkeys(ENDPOINTS, RATE_MONTH)
    for models in offered:
        for outcome, model in models.items():
            ends[outcome] = min(LAST_MONTH, max(ends[outcome], int(model.last_month)))
    return {
        outcome: {
            "title": endpoint.label,
            "event": endpoint.event_in_words,
            "events": f"{endpoint.event_in_words}s",
            "free": endpoint.free,
            "end": ends[outcome],
        }
        for outcome, endpoint in ENDPOINTS.items()
    }


def number(
    limits: tuple[float, float], step: float, column: str = "", **words: Any
) -> dict[str, Any]:
    """Describe the slider of a number.

    Parameters
    ----------
    limits
        Its ends.
    step
        Its steps; where they are whole, only whole numbers are settings.
    column
        The column of the dictionary that its label comes from.
    **words
        ``label`` where it is another one; ``unit``; ``digits``, the decimals that it always has,
        where it is not as many as it needs; ``note``; ``counted``, one and several of what it is
        a number of.
    """
    label = {"label": load_dictionary().columns[column].label} if column else {}
    return {"range": limits, "step": step, **label, **words}


def schedule(limits: Mapping[str, tuple[float, float]], note: str = "") -> dict[str, Any]:
    """Describe the sliders of a schedule, by their limits; ``note`` is about alpha/beta."""
    return {
        "total_dose_gy": number(limits["total_dose_gy"], 0.5, "total_dose_gy", unit="Gy"),
        "fractions": number(limits["fractions"], 1, "fractions"),
        "alpha_beta": number(limits["alpha_beta"], 0.5, label="α/β", unit="Gy", note=note),
    }
