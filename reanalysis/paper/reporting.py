"""How the study was reported, item by item of the guidelines for such studies.

STROBE (von Elm et al., Lancet 2007; 370: 1453-1457) for any cohort, REMARK (McShane et al., J Natl
Cancer Inst 2005; 97: 1180-1184) for prognostic factors, TRIPOD (Collins et al., BMJ 2015; 350:
g7594) for models. Items in this project's own words, those that bear on a reading of this paper.
"""

from functools import cache
from pathlib import Path

import pandas as pd

from reanalysis.core import paths

REPORTING = paths.DATA / "reporting.csv"
GUIDELINES = ("STROBE", "REMARK", "TRIPOD")
YES, PARTLY, NOT_FOUND = ANSWERS = ("yes", "partly", "not found")


@cache
def reporting(path: Path = REPORTING) -> pd.DataFrame:
    """Read the items.

    Parameters
    ----------
    path
        The CSV file; the project's own by default.

    Returns
    -------
    pandas.DataFrame
        One row per item, all text: ``guideline``, ``item`` (its number there), ``asks`` (in short),
        ``reported`` (of ``ANSWERS``), ``where`` in the paper, or where one would look, ``quote``
        (the paper's words there) and ``question``: how a reader would ask for what is missing.
    """
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def by_guideline() -> pd.DataFrame:
    """Count the items of each guideline by answer.

    Returns
    -------
    pandas.DataFrame
        Index ``guideline``, one column per answer.
    """
    items = reporting()
    table = pd.crosstab(items["guideline"], items["reported"])
    return table.reindex(index=list(GUIDELINES), columns=list(ANSWERS), fill_value=0)


def questions() -> pd.DataFrame:
    """List what a reader would ask the authors for, with the guideline and its item."""
    items = reporting()
    asked = items[items["question"] != ""]
    return asked[["guideline", "item", "question"]].reset_index(drop=True)
