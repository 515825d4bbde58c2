"""The register of published numbers: complete, as printed, and every recipe runs."""

import os
import re
from pathlib import Path

import pandas as pd
import pytest

from reanalysis.cohort.loading import load_cohort
from reanalysis.compare.recomputation import Recomputation
from reanalysis.core import paths
from reanalysis.core.errors import CannotShow
from reanalysis.paper.register import agreement, as_printed, fill, published, register

INVENTORY = Path(os.environ.get("REANALYSIS_INVENTORY", paths.ROOT / "../shared")).resolve()
INVENTORY = INVENTORY / "published_numbers.csv"

# Where the register spells out what the inventory abbreviates, or splits one entry in two.
RENAMED = {
    "RILD.abs": ("RILD.n", "RILD.pct"),
    "qual.anyCR_lower_in_PD_": ("qual.anycr_pd_lower",),
    "qual.CR3_not_assoc._OS_": ("qual.cr3_os_ns",),
    "qual.early_vs_late_CR:_": ("qual.early_late_os_ns",),
    "qual.residual_burden_vs": ("qual.burden_anycr_ns",),
    "qual.only_size_sig._in_": ("qual.only_size_logistic",),
}
REWORDED = {
    "dfs.abstract": "10–15 Gy per fraction",
    "dose.methods": "45–60 Gy in 3–4 fractions",
    "LC.u.cp": "no local failure in Child-Pugh class B",
}


@pytest.fixture(scope="module")
def here():
    return Recomputation(load_cohort(paths.SYNTHETIC_COHORT))


@pytest.fixture(scope="module")
def inventory():
    if not INVENTORY.is_file():
        pytest.skip(f"there is no inventory at {INVENTORY}; REANALYSIS_INVENTORY names its folder")
    return pd.read_csv(INVENTORY, dtype=str, keep_default_na=False).set_index("id")


def test_every_entry_is_complete():
    numbers = register()
    assert numbers.index.is_unique
    assert set(numbers["status"]) == {"reproducible", "contradiction", "context"}
    assert (numbers[["printed", "where", "meaning"]] != "").all(axis=None)
    assert (numbers.loc[numbers["status"] == "reproducible", "recipe"] != "").all()
    assert (numbers.loc[numbers["status"] == "context", "recipe"] == "").all()
    assert (numbers.loc[numbers["status"] == "contradiction", "remark"] != "").all()


def test_the_inventory_is_in_the_register_as_printed(inventory):
    numbers = register()
    for number, entry in inventory.iterrows():
        for name in RENAMED.get(number, (number,)):
            assert name in numbers.index, f"{number} is not in the register"
        if number not in RENAMED:
            assert published(number) == REWORDED.get(number, entry["printed"]), number
    assert len(inventory) >= 268
    rild = f"{published('RILD.n')} ({published('RILD.pct')})"
    assert rild == inventory.loc["RILD.abs", "printed"]


@pytest.mark.parametrize("number", register().index[register()["recipe"] != ""])
def test_every_recipe_runs_on_the_synthetic_cohort(here, number):
    try:
        text = here(number)
    except CannotShow as reason:
        assert str(reason)
        return
    assert text
    printed = published(number)
    if re.fullmatch(r"\d+(\.\d+)?", printed) and re.fullmatch(r"-?\d+(\.\d+)?", text):
        assert len(printed.partition(".")[2]) == len(text.partition(".")[2])


def test_what_contradicts_itself_is_recomputed_as_arithmetic_gives_it(here):
    assert here("bed.36/3") == "79" != published("bed.36/3")
    assert here("bed.45/3") == "113" == published("bed.45/3")


def test_templates_are_filled_from_either_source(here):
    assert fill("{sex.M.n} ({sex.M.pct})", published) == "231 (76.5)"
    assert fill("no number", published) == "no number"
    with pytest.raises(KeyError):
        fill("{no.such}", published)

    def nothing(number: str) -> str:
        raise CannotShow(number)

    assert fill("{a} ({b})", nothing) == "–"


@pytest.mark.parametrize(
    ("value", "like", "text"),
    [(112.5, "113", "113"), (91.25, "91.2", "91.3"), (2.0, "2.0", "2.0"), (0.285, "0.01", "0.29")],
)
def test_numbers_have_the_decimals_of_the_published_one(value, like, text):
    assert as_printed(value, like) == text


@pytest.mark.parametrize(
    ("printed", "recomputed", "verdict"),
    [
        ("91.2", "91.2", "agrees"),
        ("91.2", "91.3", "last digit"),
        ("91.2", "91.1", "last digit"),
        ("91.2", "91.4", "differs"),
        ("302", "303", "last digit"),
        ("0.95", "0.97", "differs"),
        ("<0.001", "<0.001", "agrees"),
        ("<0.001", "0.001", "differs"),
        ("holds", "does not hold", "differs"),
    ],
)
def test_agreement(printed, recomputed, verdict):
    assert agreement(printed, recomputed) == verdict
