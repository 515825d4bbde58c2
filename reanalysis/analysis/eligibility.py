"""Who belongs in the study: the eligibility criteria, and what counts as incomplete TACE."""

import pandas as pd

from reanalysis.paper.criteria import CRITERIA, NOT_MET, NOT_RECORDED, VERDICTS


def eligibility(cohort: pd.DataFrame) -> pd.DataFrame:
    """Judge every patient by every criterion.

    Parameters
    ----------
    cohort
        A cohort, shape (n, columns).

    Returns
    -------
    pandas.DataFrame
        One row per patient and criterion, shape (9 n, 4): ``patient_id``, ``criterion``,
        ``value`` (as recorded; blank if it is not) and ``verdict``, one of ``'met'``,
        ``'not met'``, ``'not recorded'``. A column that the cohort lacks, a blank in it and a
        criterion that the cohort table has no column for are all not recorded.
    """
    blocks = []
    for criterion in CRITERIA:
        if criterion.column in cohort.columns:
            values = cohort[criterion.column]
            verdicts = criterion.judge(values)
        else:
            values = pd.Series(None, index=cohort.index, dtype=object)
            verdicts = pd.Series(NOT_RECORDED, index=cohort.index)
        blocks.append(
            pd.DataFrame(
                {
                    "patient_id": cohort["patient_id"],
                    "criterion": criterion.label,
                    "value": values.astype(object),
                    "verdict": verdicts,
                }
            )
        )
    return pd.concat(blocks, ignore_index=True)


def eligibility_counts(judged: pd.DataFrame) -> pd.DataFrame:
    """Count the verdicts of each criterion.

    Parameters
    ----------
    judged
        As ``eligibility`` gives it.

    Returns
    -------
    pandas.DataFrame
        Index ``criterion`` in the paper's order; columns ``met``, ``not met``,
        ``not recorded``, in patients.
    """
    counts = pd.crosstab(judged["criterion"], judged["verdict"])
    labels = [criterion.label for criterion in CRITERIA]
    counts = counts.reindex(index=labels, columns=list(VERDICTS), fill_value=0)
    counts.columns.name = None
    return counts.rename_axis("criterion")


def fails_a_criterion(judged: pd.DataFrame) -> pd.Series:
    """Say for each patient whether a recorded value breaks a criterion.

    Parameters
    ----------
    judged
        As ``eligibility`` gives it.

    Returns
    -------
    pandas.Series
        Index ``patient_id``: True where at least one criterion is not met.
    """
    not_met = judged["verdict"] == NOT_MET
    return not_met.groupby(judged["patient_id"], sort=False).any().rename("fails")


def incomplete_tace(
    viable_on_follow_up: bool | None,
    stained_on_angiogram: bool | None,
    oil_taken_up: bool | None,
) -> tuple[int, ...]:
    """Say which of the paper's three criteria make a TACE incomplete.

    Parameters
    ----------
    viable_on_follow_up
        Whether follow-up dynamic CT or MRI shows viable HCC at the site of TACE.
    stained_on_angiogram
        Whether the tumour stained definitely on the superselective hepatic angiogram.
    oil_taken_up
        Whether iodized oil was definitely taken up on the angiogram or CT after embolization.
        In all three, None means that nobody looked.

    Returns
    -------
    tuple of int
        Numbers of the criteria that hold (see ``INCOMPLETE_TACE``). Empty: by what is known,
        the TACE was not incomplete.
    """
    answers = {
        1: viable_on_follow_up is True,
        2: stained_on_angiogram is False,
        3: oil_taken_up is False,
    }
    return tuple(number for number, holds in answers.items() if holds)


def recurrence_site(in_ptv: bool, in_liver: bool) -> str:
    """Name a recurrence by where it lies.

    The planning target volume reaches beyond the treated lesion by its margins, so a recurrence
    in the margin fits two of the paper's definitions; here the target volume decides.

    Parameters
    ----------
    in_ptv
        Whether it lies inside the planning target volume.
    in_liver
        Whether it lies in the liver.

    Returns
    -------
    str
        ``'local failure'``, ``'out-of-field intrahepatic recurrence'`` or
        ``'distant metastasis'``.
    """
    if in_ptv:
        return "local failure"
    return "out-of-field intrahepatic recurrence" if in_liver else "distant metastasis"
