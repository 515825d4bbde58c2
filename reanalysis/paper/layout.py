"""What stands in which row: Table 1, and what is compared with the paper beside its models.

A row of a table is a label and a template with ids of published numbers in braces (see
``paper.register.fill``); one without a template is a heading.
"""

from reanalysis.core.dictionary import FOLLOW_UP
from reanalysis.paper.register import published
from reanalysis.paper.study import (
    AFP,
    AGE,
    ANY_CR,
    BCLC,
    CHILD_PUGH,
    CR_MONTHS,
    LOCAL_CONTROL,
    REGIMENS,
    SESSIONS,
    SIZE,
    Term,
)


def patients(number: str) -> str:
    """Template of a number of patients with its percentage, such as ``'{sex.M.n} ({sex.M.pct})'``.

    Parameters
    ----------
    number
        What stands before ``.n`` and ``.pct`` in the two ids.
    """
    return f"{{{number}.n}} ({{{number}.pct}})"


def median(number: str, low: str, high: str) -> str:
    """Template of a median with two limits, such as ``'{age.median} ({age.min}–{age.max})'``."""
    return f"{{{number}.median}} ({{{number}.{low}}}–{{{number}.{high}}})"


TABLE_1 = (
    ("Age, years, median (range)", median("age", "min", "max")),
    ("Sex", ""),
    ("  Male", patients("sex.M")),
    ("  Female", patients("sex.F")),
    ("ECOG performance status", ""),
    ("  0", patients("ps.0")),
    ("  1–2", patients("ps.1-2")),
    ("Child-Pugh classification", ""),
    ("  A", patients("cp.A")),
    ("  B", patients("cp.B")),
    ("Viral etiology", ""),
    ("  Hepatitis B virus", patients("etio.HBV")),
    ("  Hepatitis C virus", patients("etio.HCV")),
    ("  Non B, Non C", patients("etio.NBNC")),
    ("BCLC stage", ""),
    ("  0", patients("bclc.0")),
    ("  A", patients("bclc.A")),
    ("Tumour multiplicity at the last TACE", ""),
    ("  Single", patients("mult.single")),
    ("  Multiple", patients("mult.multiple")),
    ("Tumour size, cm, median (range)", median("size", "min", "max")),
    ("Alpha-fetoprotein (a), median (IQR)", median("afp", "q1", "q3")),
    ("  ≤ 20 ng/mL", patients("afp.le20")),
    ("  > 20 ng/mL (b)", patients("afp.gt20")),
    ("Number of prior treatment sessions, median (IQR)", median("nsess", "q1", "q3")),
    ("Prior treatments", ""),
    ("  TACE only", patients("prior.T")),
    ("  TACE, RFA", patients("prior.T+RFA")),
    ("  TACE, PEI", patients("prior.T+PEI")),
    ("  TACE, RFA, PEI", patients("prior.T+RFA+PEI")),
    ("  Resection, TACE", patients("prior.R+T")),
    ("  Resection, TACE, RFA", patients("prior.R+T+RFA")),
    ("  Resection, TACE, PEI", patients("prior.R+T+PEI")),
    ("Fractionation regimen (BED)", ""),
    *(
        (f"  {regimen} ({published(regimen.bed_id)} Gy10){mark}", patients(regimen.patients_id))
        for regimen, mark in zip(REGIMENS, (" (c)", "", "", "", ""), strict=True)
    ),
)

# What the paper says of its patients in the text, and not in Table 1.
CHARACTERISTICS_IN_TEXT = (
    ("TACE with cisplatin, %", "{tace.drug.pct}"),
    ("Response after the last TACE, %: CR", "{tace.resp.CR}"),
    ("  PR", "{tace.resp.PR}"),
    ("  SD", "{tace.resp.SD}"),
    ("  PD", "{tace.resp.PD}"),
    ("Total dose, Gy, median (range)", median("dose", "min", "max")),
    ("Dose per fraction, Gy, median (range)", median("fsize", "min", "max")),
)

# Shares of patients that are compared with the paper's. By label: the name in the register, of
# which the count ends in .n, and the column that it is of.
SHARES = {
    "Male": ("sex.M", "sex"),
    "Child-Pugh class B": ("cp.B", CHILD_PUGH.column),
    "Viral etiology HBV": ("etio.HBV", "etiology"),
    "BCLC stage A": ("bclc.A", BCLC.column),
    "AFP above 20 ng/mL": ("afp.gt20", AFP.column),
    "Complete response (anyCR)": ("resp.anyCR", ANY_CR.column),
    "Local failure, crude": ("lf", LOCAL_CONTROL.event),
    "Radiation-induced liver disease": ("RILD", "rild"),
    "Biliary stricture": ("tox.biliary", "biliary_stricture"),
    "Rib fracture": ("tox.rib", "rib_fracture"),
}

# The same of medians, which end in .median.
QUANTITIES = {
    "Age, years": ("age", AGE.column),
    "Tumour size, cm": ("size", SIZE.column),
    "AFP, ng/mL": ("afp", "afp_ng_ml"),
    "Prior treatment sessions": ("nsess", SESSIONS.column),
    "Months to CR": ("cr", CR_MONTHS),
    "Months of follow-up": ("fu", FOLLOW_UP),
}

# Of these the paper prints the range, and no quartiles.
RANGES = ("age", "size")

# The variables with levels that can be set in the explorer: the label of the control, and a note.
CHOICES: dict[Term, tuple[str, str]] = {
    BCLC: (BCLC.label, ""),
    CHILD_PUGH: (CHILD_PUGH.label, ""),
    AFP: (AFP.label, ""),
    ANY_CR: ("Complete response (anyCR)", "known only later"),
}
