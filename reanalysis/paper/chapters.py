"""The tables of the chapters that put a cohort beside the paper, and the paper's curves.

A row is a label and a template with ids of published numbers, as in ``paper.layout``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reanalysis.core.dose import bed_gy
from reanalysis.core.formatting import rounded
from reanalysis.paper.layout import CHARACTERISTICS_IN_TEXT, median, patients
from reanalysis.paper.study import (
    DISTANT_MFS,
    INTRAHEPATIC_RFS,
    LOCAL_CONTROL,
    OVERALL_SURVIVAL,
    REGIMENS,
)


@dataclass(frozen=True)
class Layout:
    """A table that puts a cohort beside the paper.

    Attributes
    ----------
    caption
        What it shows; it can stand alone.
    rows
        A label and a template for each row.
    note
        Printed below it.
    """

    caption: str
    rows: Sequence[tuple[str, str]]
    note: str = ""


def _ratio(row: str) -> str:
    """Template of a hazard ratio with its interval."""
    return f"{{{row}.HR}} ({{{row}.lo}}–{{{row}.hi}})"


_AFTER_TACE = (
    ("Complete response (CR)", "{tace.resp.CR}"),
    ("Partial response (PR)", "{tace.resp.PR}"),
    ("Stable disease (SD)", "{tace.resp.SD}"),
    ("Progressive disease (PD)", "{tace.resp.PD}"),
)

# The tables of the chapters, by name.
LAYOUTS = {
    "cohort": Layout(
        "The cohort in brief",
        (
            ("Patients", "{N}"),
            ("Follow-up, months, median (IQR)", median("fu", "q1", "q3")),
            ("Tumour size, cm, median (range)", median("size", "min", "max")),
        ),
    ),
    "any_cr": Layout("Best response CR", (("anyCR, n (%)", patients("resp.anyCR")),)),
    "rild": Layout(
        "Liver injury, patients",
        (
            ("Hepatic toxicity of grade 2 or more", "{tox.enzyme.n}"),
            ("Child-Pugh score worse by 2 or more", "{tox.cp2.n}"),
            ("RILD: either", "{RILD.n}"),
        ),
    ),
    "stage": Layout(
        "Stage and performance status, n (%)",
        (
            ("BCLC stage 0", patients("bclc.0")),
            ("BCLC stage A", patients("bclc.A")),
            ("ECOG performance status 1–2", patients("ps.1-2")),
        ),
    ),
    "agent": Layout("Drug of the last TACE", (("TACE with cisplatin, %", "{tace.drug.pct}"),)),
    "last_tace": Layout(
        "Response to the last TACE by mRECIST, % of patients",
        _AFTER_TACE,
        "mRECIST measures only the part of the tumour that enhances in the arterial phase.",
    ),
    "regimens": Layout(
        "Regimens, patients (%)",
        [
            (
                f"{regimen}, BED {rounded(bed_gy(regimen.total_dose_gy, regimen.fractions))} Gy10",
                patients(regimen.patients_id),
            )
            for regimen in REGIMENS
        ],
    ),
    "dose": Layout(
        "Dose",
        (
            ("Total dose, Gy, median (range)", median("dose", "min", "max")),
            ("Dose per fraction, Gy, median (range)", median("fsize", "min", "max")),
            ("45 Gy in three fractions, %", "{fx.45/3.pct}"),
        ),
    ),
    "follow_up": Layout(
        "Observed follow-up", (("Follow-up, months, median (IQR)", median("fu", "q1", "q3")),)
    ),
    "size_and_death": Layout(
        "Tumour size and overall survival, univariable Cox model",
        (("Hazard ratio per cm (95 % CI)", _ratio("OS.u.size")), ("p", "{OS.u.size.p}")),
    ),
    "in_text": Layout(
        "Patient characteristics that the paper prints in its text", CHARACTERISTICS_IN_TEXT
    ),
    "best_response": Layout(
        "Best response during the entire follow-up, patients (%)",
        [
            (level, patients(f"resp.{number}"))
            for level, number in (("CR", "anyCR"), ("PR", "PR"), ("SD", "SD"), ("PD", "PD"))
        ],
    ),
    "time_to_response": Layout(
        "Time to complete response, patients with anyCR",
        (
            ("CR within 3 months, % of those with anyCR", "{cr.3mo}"),
            ("CR within 6 months, % of those with anyCR", "{cr.6mo}"),
            ("Months to CR, median (IQR)", median("cr", "q1", "q3")),
            ("Months by which 90 % of the CRs were seen", "{cr.p90}"),
        ),
        "The paper counts from the completion of SBRT, this table from its start. A course of 3 "
        "or 4 consecutive days makes that a tenth of a month.",
    ),
    "size_by_response": Layout(
        "Tumour size by response",
        (
            ("Mean with CR, cm", "{size.mean.anyCR}"),
            ("Mean without CR, cm", "{size.mean.nonCR}"),
            ("p of the difference", "{size.ttest.p}"),
        ),
    ),
    "local_failures": Layout("Local failures", (("Local failures, n (%)", patients("lf")),)),
    "salvage": Layout(
        "What followed an isolated local failure, patients",
        (
            ("Isolated local failure", "{lf.isolated}"),
            ("  local salvage, alive without recurrence", "{lf.isolated.salvaged}"),
            ("  of these TACE", "{lf.isolated.TACE}"),
            ("  of these resection", "{lf.isolated.resection}"),
            ("  palliative RT, died", "{lf.isolated.PVTTdied}"),
        ),
    ),
    "free_at_3_years": Layout(
        "Rates of Fig. 3B to D at 36.0 months",
        (
            ("Intrahepatic recurrence-free survival at 3 years, %", "{km36.IHRFS}"),
            ("Distant metastasis-free survival at 3 years, %", "{km36.DMFS}"),
            ("Overall survival at 3 years, %", "{km36.OS}"),
        ),
    ),
    "toxicity": Layout(
        "Adverse events after SBRT, paper and this cohort",
        (
            ("Transaminase or bilirubin elevation, grade ≥ 2, n (%)", patients("tox.enzyme")),
            ("Child-Pugh score worse by ≥ 2, n (%)", patients("tox.cp2")),
            ("Radiation-induced liver disease, n (%)", patients("RILD")),
            ("Biliary stricture, n (%)", patients("tox.biliary")),
            ("Rib fracture, n (%)", patients("tox.rib")),
            ("Gastroduodenal bleeding, n", "{tox.GI}"),
            ("Hepatic failure, n", "{tox.hepfail.n}"),
        ),
    ),
    "main_results": Layout(
        "Main results, paper and this cohort",
        (
            ("Local control at 3 years, %", "{km36.LC}"),
            ("Overall survival at 3 years, %", "{km36.OS}"),
            ("Intrahepatic recurrence-free survival at 3 years, %", "{km36.IHRFS}"),
            ("Distant metastasis-free survival at 3 years, %", "{km36.DMFS}"),
            ("anyCR, n (%)", patients("resp.anyCR")),
            ("Radiation-induced liver disease, n (%)", patients("RILD")),
        ),
    ),
    "early_response": Layout(
        "CR at 3 months: local failure and death, hazard ratios with 95 % limits",
        (
            ("Local failure: no CR at 3 months against CR, HR", _ratio("LC.u.cr3")),
            ("  p", "{LC.u.cr3.p}"),
            ("Death: no CR at 3 months against CR, HR", _ratio("OS.u.cr3")),
            ("  p", "{OS.u.cr3.p}"),
        ),
    ),
}

# The paper's curves by endpoint: their figure, and what they are the share of.
CURVES = {
    LOCAL_CONTROL.key: ("Fig. 3A", LOCAL_CONTROL.label),
    OVERALL_SURVIVAL.key: ("Fig. 3B", OVERALL_SURVIVAL.label),
    INTRAHEPATIC_RFS.key: ("Fig. 3C", "Free of intrahepatic recurrence"),
    DISTANT_MFS.key: ("Fig. 3D", "Free of distant metastasis"),
}

# The adverse events, by name: the number of patients in the register, and its column.
ADVERSE_EVENTS = {
    "Hepatic toxicity, grade ≥ 2": ("tox.enzyme.n", "hepatic_toxicity_grade"),
    "Child-Pugh score worse by ≥ 2": ("tox.cp2.n", "child_pugh_increase"),
    "Radiation-induced liver disease": ("RILD.n", "rild"),
    "Biliary stricture": ("tox.biliary.n", "biliary_stricture"),
    "Rib fracture": ("tox.rib.n", "rib_fracture"),
    "Gastroduodenal bleeding": ("tox.GI", "gi_bleeding"),
    "Hepatic failure": ("tox.hepfail.n", "hepatic_failure"),
}
