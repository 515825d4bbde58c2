"""What the cells of a notebook write about patients."""

import ast

import pandas as pd
import pytest

from reanalysis.core.disclosure import HIDDEN, TooFew
from reanalysis.page import small_numbers
from reanalysis.page.small_numbers import SmallNumbers, text, value

SMALLEST = 5
COHORT = pd.DataFrame({"death": [1] * 3 + [0] * 37, "size": 2.5})


def run(*cells: str) -> dict[str, object]:
    """Run cells as a notebook would; the last value is in `_`."""
    names: dict[str, object] = {
        "load_cohort": lambda path=None: COHORT,
        "SYNTHETIC_COHORT": "synthetic",
        small_numbers.TEXT: lambda *parts: text(*parts, smallest=SMALLEST),
        small_numbers.VALUE: lambda shown: value(shown, SMALLEST),
    }
    transformer = SmallNumbers()
    for cell in cells:
        module = ast.fix_missing_locations(transformer.visit(ast.parse(cell)))
        if isinstance(module.body[-1], ast.Expr):
            module.body[-1] = ast.Assign([ast.Name("_", ast.Store())], module.body[-1].value)
        exec(compile(ast.fix_missing_locations(module), "cell", "exec"), names)
    return names


def shown(*cells: str) -> object:
    return run("cohort = load_cohort()", *cells)["_"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("f'{cohort.death.sum()} of {len(cohort)} died'", f"{HIDDEN} of 40 died"),
        ("f'{(cohort.death == 0).sum()} of {len(cohort)} live'", f"{HIDDEN} of 40 live"),
        ("f'{cohort.death.sum():.0f} died, {100 * cohort.death.mean():.1f} %'", None),
        ("f'{float(cohort.death.sum()):.0f} died'", f"{HIDDEN} died"),
        ("f'{cohort.death.sum() * 10} in ten such cohorts'", "30 in ten such cohorts"),
        ("f'{cohort.death[cohort.death > 1].sum()} died twice'", "0 died twice"),
        ("f'a mean of {cohort[\"size\"].mean():.1f} cm'", "a mean of 2.5 cm"),
        ("f'{3} paths, {\"text\"!r}, {2.5:>{6}.1f}'", "3 paths, 'text',    2.5"),
        ("f'{len(cohort)!s:>4}|'", "  40|"),
    ],
)
def test_a_sentence(cell: str, expected: str | None) -> None:
    assert shown(cell) == (expected or f"{HIDDEN} died, {HIDDEN} %")


def test_the_settings_of_the_explorer_are_no_patients() -> None:
    explorer = "from types import SimpleNamespace; explorer = SimpleNamespace(of=cohort, size=4.0)"
    assert shown(explorer, "ratio = explorer.size / 3", "f'{explorer.size:g} cm: {ratio:.2f}'") == (
        "4 cm: 1.33"
    )


def test_names_made_from_the_cohort_are_followed() -> None:
    assert shown("n = cohort.death.sum()", "many = n + 0", "f'{many}'") == HIDDEN
    assert shown("def died(): return cohort.death.sum()", "f'{died()}'") == HIDDEN
    assert shown(
        "g = {'a': cohort.death.sum()}", "'; '.join(f'{k}: {v}' for k, v in g.items())"
    ) == (f"a: {HIDDEN}")
    assert shown("x = 0\nfor v in cohort.death: x = x + v", "f'{x}'") == HIDDEN


def test_numbers_of_the_paper_are_left_alone() -> None:
    assert shown("n = 3", "f'{n} of 302'") == "3 of 302"
    assert (
        shown("month = 3", "f'{cohort.death.sum()} at {month} months'") == f"{HIDDEN} at 3 months"
    )


def test_the_synthetic_cohort_has_no_secrets() -> None:
    assert shown("s = load_cohort(SYNTHETIC_COHORT)", "f'{s.death.sum()}'") == "3"


def test_the_value_of_a_cell() -> None:
    assert list(shown("cohort.death.value_counts()")["count"]) == [HIDDEN, HIDDEN]
    assert shown("(len(cohort), 'text')") == (40, "text")
    with pytest.raises(TooFew):
        shown("{'died': (len(cohort), int(cohort.death.sum()))}")
    with pytest.raises(TooFew):
        shown("{'all': (len(cohort), len(cohort) - 2)}")
    summary = shown("cohort['size'].agg(['size', 'min', 'median', 'max'])")
    assert list(summary["size"]) == [40, HIDDEN, 2.5, HIDDEN]
    with pytest.raises(TooFew):
        shown("cohort.assign(patient_id='P1')")
