"""A tour of the explorer for a class: five settings, and where to look."""

from typing import Any

from reanalysis.core.dose import bed_gy
from reanalysis.paper.study import LOCAL_CONTROL, OVERALL_SURVIVAL, REGIMENS, Regimen

_HIGHEST = max(REGIMENS, key=lambda r: bed_gy(r.total_dose_gy, r.fractions))
_FOUR = next(r for r in REGIMENS if r.fractions == 4)


def _dose(regimen: Regimen) -> dict[str, Any]:
    return {"total_dose_gy": float(regimen.total_dose_gy), "fractions": regimen.fractions}


def steps_of_a_tour(refitted: bool) -> list[dict[str, Any]]:
    """Give the steps of a tour.

    Parameters
    ----------
    refitted
        Whether there are models refitted on the loaded cohort: the last step compares with them.

    Returns
    -------
    list of dict
        ``title`` of a step, where to ``look``, and the ``settings`` that differ from the start.
    """
    local, death = LOCAL_CONTROL.event, OVERALL_SURVIVAL.event
    large = {"tumor_size_cm": 4.0, "outcome": local}
    steps = [
        {
            "title": "Move the tumour to 4 cm.",
            "look": "Read the ratio of local failure and its interval, then how many of 100 stay "
            "free of it. Which of the two would you tell a patient?",
            "settings": large,
        },
        {
            "title": f"Give the same tumour {_FOUR.total_dose_gy:g} Gy in {_FOUR.fractions}.",
            "look": "The ratio comes back towards 1, and the interval grows. What does the "
            "interval say that the ratio does not?",
            "settings": {**large, **_dose(_FOUR)},
        },
        {
            "title": "Go where nobody is.",
            "look": "The bars below the curves end, the page turns grey and says why. Does the "
            "model know that?",
            "settings": {"tumor_size_cm": 6.5, "outcome": local, **_dose(_HIGHEST)},
        },
        {
            "title": "Change what is neither size nor dose.",
            "look": "AFP above 20 ng/mL moves death alone. Find the place in the picture of 200 "
            "people where the interval leaves open what happens.",
            "settings": {"tumor_size_cm": 2.0, "afp_group": ">20", "outcome": death},
        },
    ]
    if refitted:
        steps.append(
            {
                "title": "Ask the other models.",
                "look": "The same tumour of 4 cm, by the models refitted on the loaded cohort. "
                "What stays, and which bands change?",
                "settings": {**large, "source": "cohort"},
            }
        )
    return steps
