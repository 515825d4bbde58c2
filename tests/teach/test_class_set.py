"""The class set: cohorts of which the truth is known, their pages, and the codes handed in."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reanalysis.cohort.loading import load_cohort
from reanalysis.core.paths import ROOT
from reanalysis.page.widgets.class_set import FIELDS, ClassPool, ClassSheet
from reanalysis.site.class_set import write_class
from reanalysis.teach.class_set import class_cohort, estimates, truth

SCRIPT = ROOT / "reanalysis" / "page" / "widgets" / "js" / "class_code.js"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_class(tmp_path_factory.mktemp("class"), 2).parent


def test_the_truth_is_the_papers(folder: Path) -> None:
    assert truth().rates == (91.2, 72.7)
    assert truth().ratio == 1.78
    figures = ClassPool()._data["figures"]
    assert [figure["truth"] for figure in figures] == [91.2, 72.7, 1.78]
    assert all(figure["ticks"][0] < figure["truth"] < figure["ticks"][-1] for figure in figures)


@pytest.mark.parametrize("residents", [10, pytest.param(99, marks=pytest.mark.slow)])
def test_estimates_scatter_around_the_truth(residents: int) -> None:
    found = [estimates(class_cohort(number)) for number in range(1, residents + 1)]
    for place, rate in enumerate(truth().rates):
        values = np.array([one.rates[place] for one in found])
        assert abs(values.mean() - rate) < 3 * values.std() / np.sqrt(len(values))
    logs = np.log([one.ratio for one in found])
    assert abs(logs.mean() - np.log(truth().ratio)) < 3 * logs.std() / np.sqrt(len(logs))
    held = sum(one.lower < truth().ratio < one.upper for one in found)
    assert held >= 0.88 * residents


def test_the_same_number_is_the_same_cohort_and_another_class_has_others() -> None:
    first, again, other = (class_cohort(3, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not first["follow_up_months"].equals(other["follow_up_months"])


def test_every_resident_has_a_file_and_a_page(folder: Path) -> None:
    names = sorted(path.name for path in folder.iterdir())
    cohorts = [f"cohort_0{n}.{end}" for n in (1, 2) for end in ("csv", "html")]
    assert names == [*cohorts, "index.html", "pool.html"]
    for page in folder.glob("*.html"):
        text = page.read_text(encoding="utf-8").replace("http://www.w3.org", "")
        assert "http:" not in text and "https:" not in text
    # A file of a class passes the book's own check, and gives the page's numbers.
    read = load_cohort(folder / "cohort_02.csv")
    assert estimates(read).ratio == pytest.approx(estimates(class_cohort(2)).ratio, rel=1e-4)
    with pytest.raises(ValueError, match="1 to 99"):
        write_class(folder, 0)


def test_a_page_has_what_is_to_be_handed_in() -> None:
    data = ClassSheet(7, class_cohort(7))._data
    assert data["fields"] == list(FIELDS) and len(FIELDS) == 5
    assert data["model"]["rows"][0][1] == f"{estimates(class_cohort(7)).ratio:.2f}"
    assert data["csv"].count("\n") == 303


def test_codes_carry_the_numbers_and_notice_a_wrong_digit() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("NO NODE FOUND: the codes are not tried.")
    program = f"""
    const {{ toCode, fromCode }} = await import({json.dumps(SCRIPT.as_uri())});
    const code = toCode([7, 91.2, 72.7, 1.78, 1.21, 2.62]);
    const digits = [...code].flatMap((letter, k) => (letter === "-" ? [] : [k]));
    const changed = digits.flatMap((k) => "0123456789".split("").filter((d) => d !== code[k])
        .map((d) => code.slice(0, k) + d + code.slice(k + 1)));
    const differ = (k) => code[k + 1] !== "-" && code[k] !== code[k + 1];
    const swapped = digits.filter((k) => k + 1 < code.length && differ(k))
        .map((k) => code.slice(0, k) + code[k + 1] + code[k] + code.slice(k + 2));
    console.log(JSON.stringify({{ code, back: fromCode(` ${{code}} `),
        csv: fromCode("7, 91.2, 72.7, 1.78, 1.21, 2.62"),
        noticed: [...changed, ...swapped].filter((one) => fromCode(one) === null).length,
        tried: changed.length + swapped.length, junk: ["", "x", "1,2", "1-2-3"].map(fromCode) }}));
    """
    done = subprocess.run(
        [node, "--input-type=module", "--eval", program],
        capture_output=True, encoding="utf-8", timeout=60, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["back"] == told["csv"] == [7, 91.2, 72.7, 1.78, 1.21, 2.62]
    assert told["junk"] == [None] * 4
    assert told["noticed"] == told["tried"] > 150, told
