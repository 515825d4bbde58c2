"""What is possible and looks like a mistake is told, and nothing is refused for it."""

import numpy as np
import pandas as pd
import pytest

from reanalysis.cohort.validation import examine
from reanalysis.intake.check import check
from reanalysis.intake.suspicious import in_words, suspicious

N = 40
RNG = np.random.default_rng(5)
USUAL = {
    "patient_id": [f"P{i}" for i in range(N)],
    "age": RNG.integers(40, 80, N),
    "tumor_size_cm": RNG.uniform(1, 5, N).round(1),
    "afp_ng_ml": RNG.lognormal(3, 2, N).round(1),
    "follow_up_months": RNG.uniform(3, 60, N).round(1),
    "death": np.arange(N) % 3 == 0,
    "local_failure": np.arange(N) % 5 == 0,
}
USUAL["local_failure_months"] = ["2" if failure else "" for failure in USUAL["local_failure"]]


def told(**changes: object) -> list[str]:
    """Say what is suspicious in a usual cohort with some columns changed."""
    frame = pd.DataFrame(USUAL | changes)
    cells = frame.map(lambda v: str(int(v)) if isinstance(v, bool | np.bool_) else str(v))
    return [str(suspicion) for suspicion in suspicious(examine(cells).typed)]


def test_nothing_is_said_of_a_usual_cohort():
    assert told() == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"tumor_size_cm": np.arange(N) % 2 + 1},
            "tumor_size_cm: holds only 1 and 2 in 40 patients, as a code does; expected "
            "measurements in cm",
        ),
        ({"afp_ng_ml": np.arange(N) % 2}, "afp_ng_ml: holds only 0 and 1 in 40 patients"),
        (
            {"tumor_size_cm": RNG.uniform(14, 29, N).round()},
            "in mm it would be 2.",
        ),
        (
            {"follow_up_months": RNG.uniform(100, 230, N).round(1)},
            "in weeks it would be",
        ),
        (
            {"follow_up_months": RNG.uniform(300, 1500, N).round()},
            "in days it would be",
        ),
        (
            {"follow_up_months": RNG.uniform(2, 5, N).round(2)},
            "the largest value is 5 months, usual are 6 to 240; in years it would be 60 months",
        ),
        (
            {"afp_ng_ml": RNG.uniform(0.5, 4, N).round(2)},
            "the median is 1.795 ng/mL, usual are 2 to 20,000; it may be a logarithm; in kIU/L it "
            "would be 2.17 ng/mL, in mg/L it would be 1.8e+03 ng/mL: if so",
        ),
        (
            {"follow_up_months": [400.5, *USUAL["follow_up_months"][1:]]},
            "follow_up_months: the largest value is 400.5 months, usual are 6 to 240; in weeks",
        ),
        (
            {"follow_up_months": [0, 5, *USUAL["follow_up_months"][2:]]},
            "follow_up_months: death at month 0, the start of SBRT, before which no patient is "
            "observed (row 2)",
        ),
        (
            {"local_failure_months": ["0" if f else "" for f in USUAL["local_failure"]]},
            "local_failure_months: local_failure at month 0, the start of SBRT, before which no "
            "patient is observed (rows 2, 7, 12, 17, 22 and 3 more)",
        ),
        ({"death": np.zeros(N, bool)}, "death: is 0 in no patient of 40"),
        ({"death": np.ones(N, bool)}, "death: is 1 in every patient of 40"),
        (
            {"salvage_treatment": ["none", *[""] * (N - 1)]},
            "salvage_treatment: 'none' is read as a value here; leave the cell empty where it "
            "stands for 'not known' (row 2)",
        ),
        ({"patient_id": ["NA", *USUAL["patient_id"][1:]]}, "patient_id: 'NA' is read as a value"),
        (
            {"follow_up_months": RNG.integers(43000, 44000, N)},
            "values look like dates as spreadsheets store them",
        ),
        ({"follow_up_months": RNG.integers(2012, 2018, N)}, "values look like years, such as 201"),
        (
            {"follow_up_months": (np.arange(N) % 5 + 1) * 6},
            "follow_up_months: 40 patients have only 5 different times; expected months with "
            "decimals",
        ),
        (
            {"total_dose_gy": [15] * N, "fractions": [15] * N},
            "total_dose_gy: the dose per fraction is not between 2 and 35 Gy",
        ),
        (
            {"hepatic_toxicity_grade": [1, 5, *[1] * (N - 2)]},
            "hepatic_toxicity_grade: grade 5 is death, but death is 0 (row 3)",
        ),
        (
            {"salvage_treatment": ["", "TACE", *[""] * (N - 2)]},
            "salvage_treatment: is filled although local_failure is 0; expected a blank",
        ),
    ],
)
def test_it_is_told(changes, message):
    assert message in " | ".join(told(**changes))


def test_it_is_told_and_nothing_is_refused(tmp_path):
    path = tmp_path / "cohort.csv"
    frame = pd.DataFrame(USUAL).assign(afp_ng_ml=np.arange(N) % 2, death=0)
    frame.assign(local_failure=frame["local_failure"].astype(int)).to_csv(path, index=False)
    report = check(path)
    assert report.fits
    assert [s.column for s in report.suspicions] == ["afp_ng_ml", "death"]
    assert "Worth a second look; nothing is refused for it:\n  afp_ng_ml" in report.as_text()


def test_units_of_a_column_that_does_not_fit_are_looked_at_too(tmp_path):
    path = tmp_path / "cohort.csv"
    frame = pd.DataFrame(USUAL).assign(tumor_size_cm=RNG.integers(15, 60, N), death=0)
    frame.assign(local_failure=frame["local_failure"].astype(int)).to_csv(path, index=False)
    report = check(path)
    assert not report.fits
    assert "if so, name the unit in a mapping file" in report.suspicions[0].message


def test_rows_are_named():
    assert in_words([2]) == "row 2"
    assert in_words([2, 4]) == "rows 2 and 4"
    assert in_words(range(2, 1002)) == "rows 2, 3, 4, 5, 6 and 995 more"
