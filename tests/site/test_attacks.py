"""Attacks on what a site shows: they succeed where a protection is missing, and else find nothing.

The exhibits are made as the notebooks make them, and read back from a page as a site has it.
"""

import html
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import seaborn as sns
from private_cohorts import SIZES, write_private

from reanalysis.analysis.survival import event_times, kaplan_meier, kaplan_meier_by
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.policy import private_policy, with_policy
from reanalysis.compare.differences import as_text as hazards_as_text
from reanalysis.compare.differences import compare_hazards, compare_medians
from reanalysis.compare.side_by_side import side_by_side
from reanalysis.core.disclosure import HIDDEN, MADE_UP
from reanalysis.core.errors import CannotShow
from reanalysis.core.paths import SYNTHETIC_COHORT
from reanalysis.page.figures import plot_survival
from reanalysis.page.here import Here
from reanalysis.page.widgets.cutpoint_explorer import CutpointExplorer
from reanalysis.page.widgets.hazard_explorer import HazardExplorer
from reanalysis.page.widgets.response_timeline import ResponseTimeline
from reanalysis.page.widgets.timelines import PatientTimelines
from reanalysis.paper.layout import TABLE_1
from reanalysis.paper.study import LOCAL_CONTROL, OVERALL_SURVIVAL
from reanalysis.site import build as book
from reanalysis.site.attacks import attack, fewest_events, hidden_bounds, holds, leaks
from reanalysis.site.audit import Audit, audit
from reanalysis.site.exhibits import Exhibits, Grid, Widget, exhibits

STATE = "application/vnd.jupyter.widget-state+json"
PRIVATE = private_policy()


def stacked(cohort: pd.DataFrame) -> plt.Figure:
    figure, axes = plt.subplots()
    sns.histplot(
        cohort, x="tumor_size_cm", hue="bclc_stage", bins=np.arange(0, 8, 0.5), multiple="stack"
    )
    axes.set(ylabel="Patients")
    return figure


def outputs(cohort: pd.DataFrame) -> Iterator[object]:
    """What the notebooks show of a cohort and what was attacked once, as far as it can be shown."""
    here = Here(cohort)
    death = event_times(cohort, OVERALL_SURVIVAL)
    stage = cohort["bclc_stage"].astype(object)
    made = (
        lambda: HazardExplorer(cohort, anchor=load_cohort(SYNTHETIC_COHORT)),
        lambda: CutpointExplorer(cohort),
        lambda: ResponseTimeline(cohort),
        lambda: PatientTimelines(cohort),
        lambda: plot_survival({"All": kaplan_meier(death)}, "Overall survival", here.policy),
        lambda: plot_survival(kaplan_meier_by(death, stage), "Overall survival", here.policy),
        lambda: stacked(cohort),
        lambda: here.table(compare_medians(here), "Medians"),
        lambda: here.table(side_by_side(TABLE_1, here), f"The {here.count(cohort)} of this cohort"),
        lambda: here.table(
            here.cells(pd.crosstab(cohort["bclc_stage"], cohort["ecog_group"]), total="All"),
            "BCLC stage and ECOG",
        ),
        *(
            lambda e=e: here.table(
                hazards_as_text(compare_hazards(here, e, "univariable"), here.policy),
                f"Hazard ratios of {e.event_in_words}",
            )
            for e in (LOCAL_CONTROL, OVERALL_SURVIVAL)
        ),
    )
    for make in made:
        try:
            shown = make()
            yield here.figure(shown, "", "") if isinstance(shown, plt.Figure) else shown
        except CannotShow:
            continue


def site_of(cohort: pd.DataFrame, folder: Path) -> Exhibits:
    """Write a page that shows a cohort, and read it as an attacker does."""
    plt.switch_backend("agg")
    article, states = "", {}
    for number, output in enumerate(outputs(cohort)):
        if hasattr(output, "_data"):
            state = {"_name": output._name, "_data": output._data}
            states[f"w{number}"] = {"state": state}
        else:
            article += output._repr_html_()  # type: ignore[attr-defined]
    plt.close("all")
    script = f'<script type="{STATE}">{json.dumps({"state": states})}</script>'
    (folder / "page.html").write_text(f"<article>{article}</article>{script}", encoding="utf-8")
    return exhibits(folder)


@pytest.mark.parametrize("n", SIZES)
def test_nothing_follows_from_what_is_shown(n: int, tmp_path: Path) -> None:
    cohort = load_cohort(write_private(n, tmp_path))
    site = site_of(cohort, tmp_path)
    assert len(site.tables) > 3 and site.plots
    assert [str(claim) for claim in leaks(site, cohort, PRIVATE)] == []


WITHOUT_PROTECTION = (
    "the values of who left the risk set",
    "the patients between two cut-points",
    "the events between two cut-points",
    "the times of events",
    "single responses, from a count that rises by few",
    "times of follow_up_months, from a curve",
    "numbers of patients, from the bars of a picture",
    "a value of follow_up_months, from the difference of two medians",
)


def test_each_attack_succeeds_where_nothing_is_protected(tmp_path: Path) -> None:
    cohort = with_policy(load_cohort(write_private(302, tmp_path)), MADE_UP)
    found = {claim.what for claim in leaks(site_of(cohort, tmp_path), cohort, PRIVATE)}
    assert set(WITHOUT_PROTECTION) <= found


def test_patients_who_leave_the_risk_set_are_rebuilt_from_an_exact_baseline(tmp_path: Path) -> None:
    cohort = with_policy(load_cohort(write_private(105, tmp_path)), MADE_UP)
    site = site_of(cohort, tmp_path)
    rebuilt = [c for c in attack(site) if c.what == WITHOUT_PROTECTION[0]]
    right = [c for c in rebuilt if holds(c, cohort, PRIVATE)]
    assert len(right) > 5 and len(right) > 0.5 * len(rebuilt)
    whole = {"death", "follow_up_months", "tumor_size_cm"}
    assert any(whole <= set(claim.someone) for claim in right)


def test_a_few_events_follow_from_a_variance() -> None:
    for few in (1, 2, 3, 4):
        assert fewest_events(1 / few + 1 / 40, 40 + few) == few
    assert fewest_events(1 / 5 + 1 / 40, 45) == 5


def test_an_empty_plot_has_no_bars(tmp_path: Path) -> None:
    cohort = load_cohort(write_private(40, tmp_path))
    figure, axes = plt.subplots()
    axes.set(ylabel="Patients")
    shown = Here(cohort).figure(figure, "", "")
    (tmp_path / "page.html").write_text(
        f"<article>{shown._repr_html_()}</article>", encoding="utf-8"
    )
    assert leaks(exhibits(tmp_path), cohort, PRIVATE) == []


def few_failures_without_cr(cohort: pd.DataFrame, few: int) -> pd.DataFrame:
    """Let so many of the tumours without CR fail, and no other of them."""
    changed = cohort.copy()
    without = changed.index[changed["any_cr"] == "no"]
    changed.loc[without, ["local_failure", "local_failure_months"]] = [0, np.nan]
    changed.loc[without[:few], "local_failure"] = 1
    changed.loc[without[:few], "local_failure_months"] = changed["follow_up_months"] / 3
    return changed


def test_a_model_with_a_small_group_gives_its_events_away(tmp_path: Path) -> None:
    cohort = few_failures_without_cr(load_cohort(write_private(302, tmp_path)), 3)
    anchor = load_cohort(SYNTHETIC_COHORT)
    for shown, ways in ((with_policy(cohort, MADE_UP), 2), (cohort, 0)):
        here = Here(shown)
        hazards = hazards_as_text(compare_hazards(here, LOCAL_CONTROL, "univariable"), here.policy)
        grid = Grid("page", "Hazard ratios of local failure", tuple(map(tuple, hazards.values)))
        heads = (tuple(hazards.columns), *grid.rows)
        widget = Widget("page", "explorer", HazardExplorer(shown, anchor=anchor)._data)
        site = Exhibits((replace(grid, rows=heads),), (widget,), ())
        claims = [c for c in leaks(site, cohort, PRIVATE) if "the events of a level" in c.what]
        assert len({c.what for c in claims if "anyCR" in c.what}) == ways


@pytest.mark.parametrize(
    ("shown", "n", "bounds"),
    [
        ([[HIDDEN, "30", "33"]], None, (3, 3)),  # exact numbers: the part follows
        ([[HIDDEN, "30", "35"]], None, (1, 9)),
        ([[HIDDEN, "30", "35"]], 34, (2, 6)),
        ([[HIDDEN, HIDDEN, "30", "40"]], 38, (0, 10)),
    ],
)
def test_an_adversary_bounds_a_hidden_number(
    shown: list[list[str]], n: int | None, bounds: tuple[int, int]
) -> None:
    assert hidden_bounds(shown, n=n)[0, 0] == bounds


def test_an_audit_says_what_follows_and_where(tmp_path: Path) -> None:
    file = write_private(302, tmp_path)
    (tmp_path / "site").mkdir()
    site_of(with_policy(load_cohort(file), MADE_UP), tmp_path / "site")
    result = audit(tmp_path / "site", file)
    assert not result.passed
    assert "page.html: whoever computes finds " in str(result)
    assert "this is a fault of the book" in str(result)


def test_what_is_no_exhibit_of_the_book_is_passed_over(tmp_path: Path) -> None:
    picture = "data:image/svg+xml;base64,AAAA"
    page = f'<article><img src="{picture}"><table></table></article>'
    states = [{}, {"state": {"a": {"state": {"_data": {"models": {"cohort": {"death": {}}}}}}}}]
    for number, state in enumerate([*map(json.dumps, states), "no json"]):
        text = f'{page}<script type="{STATE}">{state}</script>'
        (tmp_path / f"{number}.html").write_text(text, encoding="utf-8")
    (tmp_path / "wide.html").write_bytes("no UTF-8".encode("utf-16"))
    (tmp_path / "broken.ipynb").write_text("{", encoding="utf-8")
    assert attack(exhibits(tmp_path)) == []


@pytest.mark.slow
@pytest.mark.parametrize("n", SIZES)
def test_no_attack_on_a_whole_book_succeeds(
    n: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is copied into a site has tests of its own.
    monkeypatch.setattr(book, "compare", lambda *_, **__: Audit((), 0))
    file = write_private(n, tmp_path)
    index = book.build(cohort=file, destination=tmp_path, jobs=1, progress=lambda line: None)
    shown = exhibits(index.parent)
    assert len(shown.tables) > 60 and len(shown.plots) > 20 and len(shown.widgets) >= 2
    first = index.parent / "book" / "index.html"
    assert "rounded to 5" in html.unescape(first.read_text(encoding="utf-8"))
    assert [str(claim) for claim in leaks(shown, load_cohort(file), PRIVATE)] == []
