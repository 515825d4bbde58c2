"""A site is no leak of patients who are not in it: one real site, fifty other cohorts, more sites.

The fifty cohorts have the same hospital's kind of ids, the same distributions and the same
decimals as the one that the site was built from, so that every single value of theirs is as likely
on the pages as one of the site's own patients: thousands of them stand there. What has to be rare
is that three of one patient stand in one piece. For a piece of three numbers without labels that
are drawn like an age, a size of one decimal and a time of two, the chance that any of 302 patients
has them all is about 302 x 0.035 x 0.05 x 0.003 = 0.0016; with a time of one decimal, 0.007. A site
has some thousand pieces with three numbers or more, but few of them hold three numbers that are
possible in three columns at once, which is why the alarms have to be counted and not computed.

The comparison is fair for ids and rows, whose values are of the site's kind. It is not for what is
computed from a cohort, such as a median, which is always the value of somebody, nor for what an
attack concludes: that a level has few events is true of many cohorts. For that sites of several
sizes are compared with their own cohorts. Three such values of one patient in one row remain
possible; by the same arithmetic in less than one book of a hundred.
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from plants import page

from reanalysis.analysis.simulation import draw_cohort
from reanalysis.core.dictionary import load_dictionary
from reanalysis.site import build as book
from reanalysis.site.audit import FOLLOWS, MARK, audit

pytestmark = pytest.mark.slow

COHORTS = 50
PATIENTS = 302


def private_cohort(
    path: Path, seed: int, decimals: int | None = None, patients: int = PATIENTS
) -> pd.DataFrame:
    """Write a cohort of patients with hospital numbers, like and unlike any other such cohort."""
    cohort = draw_cohort(patients, seed=seed)
    cohort = cohort[load_dictionary().among(cohort)].copy()
    numbers = np.random.default_rng(seed).choice(10**7, patients, replace=False)
    cohort["patient_id"] = [f"{number:07}" for number in numbers]
    if decimals is not None:
        months = [name for name in cohort if name.endswith("_months")]
        cohort[months] = cohort[months].round(decimals)
    cohort.to_csv(path, index=False)
    return cohort


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A cohort and its site; REANALYSIS_PRIVATE_SITE names a folder that has both."""
    folder = Path(os.environ.get("REANALYSIS_PRIVATE_SITE") or tmp_path_factory.mktemp("own"))
    cohort, site = folder / "own.csv", folder / "_build" / "html"
    if not site.is_dir():
        private_cohort(cohort, seed=11)
        book.build(cohort=cohort, destination=folder, jobs=1, progress=lambda line: None)
    return cohort, site


def test_the_site_of_a_private_cohort_passes(own: tuple[Path, Path]) -> None:
    cohort, site = own
    assert not (site / MARK).exists()
    assert audit(site, cohort).findings == ()


@pytest.mark.parametrize(("seed", "patients"), [(21, 40), (22, 75), (23, 105), (24, 200)])
def test_sites_of_other_sizes_pass(tmp_path: Path, seed: int, patients: int) -> None:
    private_cohort(tmp_path / "own.csv", seed, None if seed % 2 else 1, patients)
    index = book.build(
        cohort=tmp_path / "own.csv", destination=tmp_path, jobs=1, progress=lambda line: None
    )
    assert audit(index.parent, tmp_path / "own.csv").findings == ()


@pytest.mark.parametrize("seed", range(100, 100 + COHORTS))
def test_other_patients_are_not_found(own: tuple[Path, Path], tmp_path: Path, seed: int) -> None:
    # Half of them with times as exact as they can be, half with one decimal, as most files have.
    private_cohort(tmp_path / "other.csv", seed, None if seed % 2 else 1)
    found = audit(own[1], tmp_path / "other.csv").findings
    assert [finding for finding in found if finding.what != FOLLOWS] == []


def test_a_plant_in_a_real_page_is_found(own: tuple[Path, Path], tmp_path: Path) -> None:
    cohort, site = own
    table = pd.read_csv(cohort, dtype=str)
    patient = table.iloc[3]
    name = "notebooks/09_overall_survival.html"
    (tmp_path / name).parent.mkdir()
    text = (site / name).read_text(encoding="utf-8")
    row = "".join(f"<td>{patient[c]}</td>" for c in ("age", "tumor_size_cm", "follow_up_months"))
    planted = f"<table><tr>{row}</tr></table><img alt='No. {int(patient.patient_id)}'></article>"
    assert "</article>" in text
    (tmp_path / name).write_text(text.replace("</article>", planted, 1), encoding="utf-8")
    (tmp_path / "index.html").write_bytes(page("<p>nothing</p>"))
    found = audit(tmp_path, cohort).findings
    assert [(f.file, f.row, f.what) for f in found] == [(name, 5, "the id"), (name, 5, "values")]
    assert all("Overall survival" in f.title for f in found)
