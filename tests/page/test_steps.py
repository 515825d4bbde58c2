"""Step functions: what is drawn holds each value from its own month on."""

import json
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from by_hand import B

from reanalysis.analysis.survival import kaplan_meier
from reanalysis.core.paths import ROOT
from reanalysis.page.steps import from_zero, steps, value_at

ESTIMATE = pd.DataFrame(
    {"share": [1.0, 0.8, 0.5], "lower": [1.0, 0.6, 0.3], "upper": [1.0, 0.9, 0.75]},
    index=[0.0, 3.0, 7.0],
)


def test_each_value_holds_until_the_month_of_the_next() -> None:
    curve = steps(ESTIMATE, "share")
    assert curve.x.tolist() == [0, 3, 3, 7, 7]
    assert curve.y.tolist() == [1, 1, 0.8, 0.8, 0.5]
    assert curve.lower.tolist() == [1, 1, 0.6, 0.6, 0.3]
    assert curve.upper.tolist() == [1, 1, 0.9, 0.9, 0.75]


def test_the_last_value_is_held_until_the_end() -> None:
    curve = steps(ESTIMATE, "share", 10)
    assert (curve.x.tolist(), curve.y.tolist()) == (
        [0, 3, 3, 7, 7, 10],
        [1, 1, 0.8, 0.8, 0.5, 0.5],
    )


def test_what_comes_after_the_end_is_left_out() -> None:
    curve = steps(ESTIMATE, "share", 5)
    assert (curve.x.tolist(), curve.y.tolist()) == ([0, 3, 3, 5], [1, 1, 0.8, 0.8])
    assert steps(ESTIMATE, "share", 3).y.tolist() == [1, 1, 0.8, 0.8]
    assert curve.upper.tolist() == [1, 1, 0.9, 0.9]


def test_the_band_goes_there_along_the_upper_limit_and_back_along_the_lower() -> None:
    x, y = steps(ESTIMATE, "share", 8).outline()
    assert x.tolist() == [0, 3, 3, 7, 7, 8, 8, 7, 7, 3, 3, 0]
    assert y.tolist() == [1, 1, 0.9, 0.9, 0.75, 0.75, 0.3, 0.3, 0.6, 0.6, 1, 1]


def test_an_estimate_without_limits_has_no_band() -> None:
    curve = steps(ESTIMATE[["share"]], "share")
    assert curve.lower.size == curve.upper.size == 0
    assert curve.y.tolist() == [1, 1, 0.8, 0.8, 0.5]


def test_an_estimate_at_the_times_of_events_begins_at_zero() -> None:
    later = from_zero(ESTIMATE.iloc[1:])
    assert later.index.tolist() == [0, 3, 7]
    assert later.to_numpy().tolist() == ESTIMATE.to_numpy().tolist()
    assert from_zero(ESTIMATE.iloc[1:], 0.0).iloc[0].tolist() == [0, 0, 0]
    assert from_zero(ESTIMATE) is ESTIMATE


@pytest.mark.parametrize(
    ("month", "value"), [(0, 1.0), (2.9, 1.0), (3, 0.8), (6.99, 0.8), (7, 0.5), (60, 0.5)]
)
def test_a_step_function_is_read_from_the_left(month: float, value: float) -> None:
    assert value_at(ESTIMATE["share"], month) == value


@pytest.mark.parametrize("end", [5.0, 7.0, 9.3])
def test_the_living_widget_draws_the_same_path(end: float) -> None:
    """The browser has its own `steps` and `ribbon`; the still version stands in their place."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the paths of the living widget cannot be made here")
    from reanalysis.page.widgets.still import steps_svg

    rng = np.random.default_rng(4)
    at = np.sort(rng.uniform(0.1, 9, 12)).round(2)
    falling = np.cumprod(rng.uniform(0.8, 1, 12))
    model = pd.DataFrame(
        {"survival": falling, "lower": falling**1.3, "upper": falling**0.7}, index=at
    )
    scripts = (ROOT / "reanalysis" / "page" / "widgets" / "js").as_uri()
    arguments = {key: model[key].tolist() for key in model} | {"t": at.tolist(), "end": end}
    script = f"""import {{ ribbon, steps }} from "{scripts}/steps.js";
    const d = {json.dumps(arguments)};
    const X = (t) => 40 + (270 * t) / d.end, Y = (p) => 180 - 150 * p;
    console.log(JSON.stringify([
      ribbon(d.t, d.lower, d.upper, d.end, X, Y), steps(d.t, d.survival, d.end, X, Y),
    ]));"""
    done = subprocess.run(
        [node, "--input-type=module", "-e", script],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    still = steps_svg({"T": [from_zero(model)]}, end, "alt")

    def plain(path: str) -> str:  # 40.0 and 40 are one number
        return path.replace(".0H", "H").replace(".0V", "V").replace(".0Z", "Z").replace(".0,", ",")

    drawn = [plain(part.split('"')[0] + "Z")[:-1] for part in still.split('<path d="')[1:]]
    for path in json.loads(done.stdout):
        assert plain(path + "Z")[:-1] in drawn


def test_a_band_ends_where_the_curve_reaches_zero() -> None:
    curve = steps(kaplan_meier(B).table, "survival", 12)
    x, y = curve.outline()
    assert np.isfinite(y).all()
    assert curve.x.max() == 12 and x.max() == 10  # the last of B had the event at month 10
