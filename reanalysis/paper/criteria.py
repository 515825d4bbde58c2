"""Who belongs in the study: the eligibility criteria, and what counts as incomplete TACE."""

from dataclasses import dataclass

import pandas as pd

MET, NOT_MET, NOT_RECORDED = "met", "not met", "not recorded"
VERDICTS = (MET, NOT_MET, NOT_RECORDED)


@dataclass(frozen=True)
class Criterion:
    """One eligibility criterion of the section Patients.

    Attributes
    ----------
    label
        What is asked of a patient.
    column
        Column of the cohort that answers it; empty where no column of the dictionary does.
    levels
        Levels that meet it.
    at_most
        Largest value that meets it, in the unit of the column.
    """

    label: str
    column: str = ""
    levels: tuple[str, ...] = ()
    at_most: float | None = None

    def judge(self, values: pd.Series) -> pd.Series:
        """Return a verdict per value: one of ``VERDICTS``, a blank being not recorded."""
        if self.at_most is None:
            holds = values.astype(object).isin(self.levels)
        else:
            holds = values <= self.at_most
        verdicts = holds.map({True: MET, False: NOT_MET})
        return verdicts.where(values.notna(), NOT_RECORDED)


# In the order of the paper; those without a column need the radiology report or the history.
CRITERIA = (
    Criterion("A single residual HCC"),
    Criterion("Child-Pugh class A or B", "child_pugh_class", levels=("A", "B")),
    Criterion("ECOG performance status 0 to 2", "ecog_ps", levels=("0", "1", "2", "1-2")),
    Criterion("Longest diameter at most 7 cm", "tumor_size_cm", at_most=7.0),
    Criterion("More than 700 mL of functional liver remain"),
    Criterion("No macroscopic vascular invasion"),
    Criterion("No extrahepatic metastasis"),
    Criterion("No double primary cancer"),
    Criterion("No earlier radiotherapy to the abdomen"),
)

INCOMPLETE_TACE = {
    1: "viable HCC at the site of TACE on follow-up CT or MRI",
    2: "no definite tumour staining on the superselective angiogram",
    3: "no definite uptake of iodized oil on the angiogram or CT after embolization",
}
