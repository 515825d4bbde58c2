"""A copy for others holds nobody's label, date or place in the list, and says what was changed."""

from pathlib import Path

import pandas as pd

from reanalysis.__main__ import main
from reanalysis.cohort.loading import load_cohort

PLAN = """
columns.patient_id.from = "Case"
columns.follow_up_months = { from = "Seen", since = "Start" }
columns.death = { from = "Died", levels = { yes = "1", no = "0" } }
columns.age.from = "Age"
"""


def files(folder: Path) -> tuple[Path, Path]:
    lines = [
        f"Z-{900 - i},2015-01-01,{2016 + i % 3}-0{i % 9 + 1}-11,{('no', 'yes')[i % 2]},{40 + i},x"
        for i in range(30)
    ]
    path, plan = folder / "theirs.csv", folder / "m.toml"
    path.write_text("\n".join(["Case,Start,Seen,Died,Age,Note", *lines, ""]), encoding="utf-8")
    plan.write_text(PLAN, encoding="utf-8")
    return path, plan


def test_a_copy_is_the_same_cohort_and_names_nobody(tmp_path, capsys):
    path, plan = files(tmp_path)
    copy = tmp_path / "copy.csv"
    assert main(["copy", str(path), str(copy), "--mapping", str(plan)]) == 0
    text = copy.read_text(encoding="utf-8")
    assert "Z-" not in text
    assert "2015-01" not in text
    assert "Note" not in text
    was, now = load_cohort(path, plan), load_cohort(copy)
    for name in ("age", "death", "follow_up_months"):
        assert sorted(was[name]) == sorted(now[name])
    # In another order than the file's.
    ages = pd.read_csv(copy)["age"].tolist()
    assert ages != sorted(ages)
    told = copy.with_suffix(".txt").read_text(encoding="utf-8")
    assert "A copy of 30 patients" in told
    assert "death, from Died: yes is 1, no is 0" in told
    assert main(["copy", str(path), str(copy), "--mapping", str(plan)]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_times_can_be_rounded(tmp_path):
    path, plan = files(tmp_path)
    copy = tmp_path / "copy.csv"
    main(["copy", str(path), str(copy), "--mapping", str(plan), "--round-months", "3"])
    assert (pd.read_csv(copy)["follow_up_months"] % 3 == 0).all()


def test_what_does_not_fit_is_not_copied(tmp_path):
    path, _ = files(tmp_path)
    assert main(["copy", str(path), str(tmp_path / "copy.csv")]) == 1
    assert not (tmp_path / "copy.csv").exists()
