"""Public tables in their owners' columns, asked about and then as R has them.

They come with lifelines. R's values are those of survfit (4.2.2, survival 3.5-3), the times counted
in months of 30.4375 days.
"""

from dataclasses import dataclass, field
from importlib.resources import files

import pytest

from reanalysis.analysis.survival import event_times, kaplan_meier
from reanalysis.cohort.loading import load_cohort
from reanalysis.intake.asking import as_toml
from reanalysis.intake.conversation import Conversation, begin
from reanalysis.paper.study import OVERALL_SURVIVAL, RATE_MONTHS


@dataclass(frozen=True)
class Public:
    """A table, what its owner would say of it, and what R gives."""

    name: str
    unit: str
    rates: tuple[float, float, float]
    size: tuple[int, int]
    source: dict[str, str] = field(default_factory=dict)
    dead: str = "1"


TABLES = (
    Public(
        "gbsg2",
        "days",
        (0.915558104286, 0.746230626270, 0.642620382380),
        (686, 299),
        {"death": "cens"},
    ),
    Public(
        "kidney_transplant", "days", (0.919703895328, 0.891879580701, 0.861581546501), (863, 140)
    ),
    Public("larynx", "years", (0.844444444444, 0.733333333333, 0.710769230769), (90, 50)),
    Public(
        "lymph_node",
        "days",
        (0.981891113894, 0.892480499945, 0.824498260797),
        (686, 171),
        {"death": "censdead"},
    ),
    Public("lung", "days", (0.409241624460, 0.115693098345, 0.050345568071), (228, 165)),
)


def answer(talk: Conversation, public: Public) -> None:
    """Answer as its owner would; what is no matter of survival is left out."""
    while still_open := talk.standing().open:
        question = still_open[0]
        column, last = question.place[1], question.place[-1]
        if last == "from":
            given = public.source[column]
        elif (column, last) == ("follow_up_months", "unit"):
            given = public.unit
        elif column == "death":
            given = "1" if last == public.dead else "0"
        else:
            given = question.options[-1]
        talk.answers[question.place] = given


@pytest.mark.parametrize("public", TABLES, ids=lambda public: public.name)
def test_a_public_table_gives_what_r_gives(tmp_path, public):
    raw = files("lifelines.datasets").joinpath(f"{public.name}.csv").read_bytes()
    talk = begin("theirs.csv", raw)
    answer(talk, public)
    # Nobody has said what 1 is, so it was asked, but where the column is called death.
    assert ("columns", "death", "levels", "1") in talk.answers or "death" in talk.table
    plan = talk.standing().plan
    plan["columns"].pop("age", None)  # of children, too
    path, mapping = tmp_path / "theirs.csv", tmp_path / "m.toml"
    path.write_bytes(raw)
    mapping.write_text(as_toml(plan), encoding="utf-8")
    curve = kaplan_meier(event_times(load_cohort(path, mapping), OVERALL_SURVIVAL))
    assert (curve.n, curve.events) == public.size
    steps = curve.table["survival"]  # R's summary(..., extend = TRUE) goes on after the last one
    rates = [steps[steps.index <= month].iloc[-1] for month in RATE_MONTHS]
    assert rates == pytest.approx(public.rates, abs=1e-11)
