"""Every sentence, table, caption, alternative text and printed line of a private book.

Each notebook that loads the cohort runs on three private ones in which nearly every number is too
small. A number that is not the same in all three comes from the cohort, and then it has to have
been printed in one of the book's own ways, which hide what is small: as a count, as a published
number, in a column of a table. Any other is a leak, whether it happens to be small today or not.
"""

import re
from collections import Counter
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from cohorts import notebooks_about_the_cohort
from private_book import Said, cohort, mark, run

from reanalysis.core.disclosure import HIDDEN
from reanalysis.paper.study import TERMS

SMALLEST = 5
COHORTS = {"first": (47, 11), "second": (59, 12, (5, 9)), "third": (71, 13, (5, 9))}
WHOLE = re.compile(r"(?<![\d.])\d+(?!\.?\d)")
DECIMAL = re.compile(r"(?<![\d.])\d+\.\d+")
PERCENT = re.compile(r"(?<![\d.])\d+(?:\.\d+)?(?= ?%)")
UNITS = {"tumor_size_cm": "cm", "afp_ng_ml": "ng/mL", "follow_up_months": "months"}
# A cell that says this counts published numbers, or medians and ratios, and no patients.
OF_NUMBERS = re.compile(
    "numbers that could be compared|published numbers by verdict|Numbers that this cohort does not"
    "|Why a number could not be recomputed|Published numbers by section|hazard ratios have an"
    r"|published numbers \d+ can be checked|Medians with quartiles: paper and this cohort"
    "|Verdicts by the kind of number|Person-months under observation and before the CR"
)
# Rates that were rounded before they were printed.
ESTIMATE = re.compile(
    r"(?<=36 months by Child-Pugh class: )[^.]+\.|(?<=Alive at three years in this cohort: )[^(]+"
)
NUMBER = re.compile(r"(?<![\d.])\d+(?:\.\d+)?(?![\d.]*\d)")
# Variables and steps of a model, and months of a landmark or a period, are no patients, and numbers
# of the paper are none.
OF_MODELS = re.compile(
    r"\d+ of \d+\W* numbers of the paper|\d+\W* numbers that it prints|"
    r"\d+ variables|(?:landmark at|to|after) \d+ months|[Ss]tep \d+|"
    r"\d+ events per variable|"
    + "|".join(re.escape(name) for term in TERMS for name in (term.contrast, term.label))
)
# What would be said of a word that is no number of patients.
NONSENSE = re.compile(
    rf"\b{HIDDEN} (variables?|steps?|columns?|rows?|criteria|criterion|numbers?|chapters?|models?|"
    r"cohorts?|endpoints?|sections?|percentages?|hidden)\b|\b(step|row|column|figure|table|model|"
    rf"chapter|seed|month) {HIDDEN}\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return {name: cohort(*arguments) for name, arguments in COHORTS.items()}


@pytest.fixture(scope="module")
def files(
    tables: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("private")
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return {name: folder / f"{name}.csv" for name in tables}


def read(notebook: Path, files: dict[str, Path]) -> dict[str, list[Said]]:
    with pytest.MonkeyPatch.context() as patch:
        mark(patch)
        return {name: run(notebook, file, patch) for name, file in files.items()}


def leaks(book: dict[str, list[Said]], tables: dict[str, pd.DataFrame]) -> list[str]:
    """List what the cells say of a cohort in a way that hides nothing."""
    found = []
    for cells in zip(*book.values(), strict=True):
        # A note says why there is no result; the others can still be compared.
        shown = {name: cell for name, cell in zip(book, cells, strict=True) if not cell.note}
        if len(shown) < 2 or any(OF_NUMBERS.search(cell.plain) for cell in shown.values()):
            continue
        texts = {
            name: OF_MODELS.sub("", ESTIMATE.sub("", cell.unmarked)) for name, cell in shown.items()
        }
        for name, cell in shown.items():
            literals = {*WHOLE.findall(cell.source), *DECIMAL.findall(cell.source)}
            bare = [("count", number) for number in _own(WHOLE, name, texts)]
            shares = _small_shares(tables[name])
            bare += [("share", p) for p in _own(PERCENT, name, texts) if p in shares]
            values = _own(DECIMAL, name, texts)
            bare += [("value", end) for end in _ends(values, texts[name], tables[name])]
            plain = {other: OF_MODELS.sub("", c.plain) for other, c in shown.items()}
            bare += [("exact", n) for n in _own(NUMBER, name, plain) if not is_coarse(n)]
            where = f"code cell {cell.cell}, {name} cohort"
            found += [f"{where}: {kind} {n}" for kind, n in bare if n not in literals]
    return found


def exact_in_stills(book: dict[str, list[Said]]) -> list[str]:
    """List the numbers in widgets' still versions that are those of one cohort, and not coarse."""
    found = []
    for cells in zip(*book.values(), strict=True):
        texts = {n: "\n".join(cell.stills) for n, cell in zip(book, cells, strict=True)}
        own = {name: _own(NUMBER, name, texts) for name in texts if all(texts.values())}
        found += [(cells[0].cell, n) for name in own for n in own[name] if not is_coarse(n)]
    return [f"code cell {cell}, still version: {number}" for cell, number in found]


def _own(pattern: re.Pattern[str], name: str, texts: dict[str, str]) -> list[str]:
    """Find the numbers in a text of one cohort that are not said of every other one."""
    said = {cohort: Counter(pattern.findall(text)) for cohort, text in texts.items()}
    others = [numbers for cohort, numbers in said.items() if cohort != name]
    return [number for number in said[name] if any(said[name][number] > o[number] for o in others)]


def is_coarse(number: str) -> bool:
    """Whether a number is a multiple of 5, or has two digits, or one decimal more and is near 1."""
    whole, _, decimals = number.partition(".")
    if whole == "1" and decimals.startswith("0"):
        return len(decimals) <= 2
    if not decimals.strip("0") and int(whole) % 5 == 0:
        return True
    return len((whole + decimals).lstrip("0").rstrip("0")) <= 2


def _small_shares(table: pd.DataFrame) -> set[str]:
    """Print the percentages that too few of all patients would give, or all but too few."""
    few = [*range(1, SMALLEST), *range(len(table) - SMALLEST + 1, len(table))]
    return {f"{100 * k / len(table):.{d}f}" for k in few for d in (0, 1, 2)}


def _ends(numbers: list[str], text: str, table: pd.DataFrame) -> list[str]:
    """Find the smallest and the largest value of variables, which are those of one patient.

    Any number could be one of them by chance: it comes with its unit, or with the other end.
    """
    found = []
    for column, unit in UNITS.items():
        for decimals in (1, 2, 3):
            ends = [f"{end:.{decimals}f}" for end in (table[column].min(), table[column].max())]
            said = [end for end in ends if end in numbers]
            measured = [end for end in said if re.search(rf"(?<![\d.]){end} ?{unit}", text)]
            found += said if len(said) == 2 else measured
    return found


@pytest.mark.parametrize("notebook", notebooks_about_the_cohort(), ids=lambda path: path.stem)
def test_a_private_book_says_no_number_that_could_be_small(
    notebook: Path, files: dict[str, Path], tables: dict[str, pd.DataFrame]
) -> None:
    book = read(notebook, files)
    assert leaks(book, tables) == []
    assert nonsense(book) == []
    assert exact_in_stills(book) == []


def nonsense(book: dict[str, list[Said]]) -> list[str]:
    """List what is hidden although it is no number of patients."""
    found = []
    for name, cells in book.items():
        for cell in cells:
            found += [f"cell {cell.cell}, {name}: {m[0]}" for m in NONSENSE.finditer(cell.plain)]
            if HIDDEN in cell.unmarked.lower() and HIDDEN not in cell.source.lower():
                at = cell.unmarked.lower().index(HIDDEN)
                found.append(
                    f"cell {cell.cell}, {name}: {cell.unmarked[max(0, at - 40) : at + 40]}"
                )
    return found


SETUP = """
%load_ext reanalysis
import matplotlib.pyplot as plt
from reanalysis import MADE_UP, Here, Table, load_cohort, say
cohort = load_cohort()
here = Here(cohort)
deaths = cohort["death"] == 1
n_cut = deaths.sum()
figure, axes = plt.subplots()
"""
LEAKS = [
    'say(f"{n_cut} patients died")',
    'say(f"of {len(cohort)} patients")',
    'say("%d died" % n_cut)',
    'say("{} died".format(n_cut))',
    'say("died: " + ", ".join([str(n_cut), "all"]))',
    'print("died:", n_cut)',
    'f"{n_cut} died"',
    "int(n_cut)",
    "(n_cut, len(cohort))",
    'dict(cohort["sex"].value_counts())',
    'cohort["sex"].value_counts().tolist()',
    'say(f"{100 * n_cut / len(cohort):.0f} % died")',
    'say(f"{100 * 3 / len(cohort):.1f} % had a fracture")',
    "say(f\"at most {cohort['tumor_size_cm'].max():.2f} cm\")",
    "say(f\"at least {cohort['age'].min():.0f} years\")",
    'here.table(cohort[["age"]].describe().T[["mean"]], f"{n_cut} deaths")',
    'Table(cohort["sex"].value_counts().to_frame(), "Sex", policy=MADE_UP)',
    'here.table(cohort["sex"].value_counts().to_frame(), "Sex", note=f"{n_cut} died")',
    'here.figure(figure, f"{n_cut} died", "A caption")',
    'here.figure(figure, "Died", f"{n_cut} died")',
    'axes.set_title(f"{n_cut} died")\nhere.figure(figure, "Died", "A caption")',
    'axes.set_xlabel(f"n = {n_cut}")\nhere.figure(figure, "Died", "A caption")',
    'Here(cohort, MADE_UP).count(cohort["tace_agent"] == "adriamycin")',
]
HARMLESS = [
    'say(f"{here.count(deaths)} of {here.count(cohort)} patients died")',
    'say(f"{here.count(deaths).percent()} % died")',
    'print(here.count(cohort["rib_fracture"]), "fractures in 3 years")',
    'say("Male: {sex.M.n} of {N}", here)',
    'here.table(cohort["sex"].value_counts().to_frame(), "Sex")',
    'here.figure(figure, f"{here.count(deaths)} died", "A caption")',
    'cohort["sex"].value_counts()',
]
OVER_HIDDEN = ["the hidden variables", "step hidden of the search", "hidden"]


def book_of(sources: list[str], files: dict[str, Path], folder: Path) -> dict[str, list[Said]]:
    """Run a notebook of given cells."""
    cells = [nbformat.v4.new_code_cell(text) for text in (SETUP.strip(), *sources)]
    path = folder / "made.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return read(path, files)


def test_a_number_that_knows_not_what_it_is_is_found(
    files: dict[str, Path], tables: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    found = leaks(book_of(LEAKS, files, tmp_path), tables)
    for number, source in enumerate(LEAKS, start=2):
        assert any(leak.startswith(f"code cell {number},") for leak in found), source


def test_a_number_that_knows_what_it_is_is_no_leak(
    files: dict[str, Path], tables: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    book = book_of(HARMLESS, files, tmp_path)
    assert leaks(book, tables) == []
    assert nonsense(book) == []
    assert book["first"][-1].note  # a bare Series is refused


def test_what_is_hidden_without_need_is_found(files: dict[str, Path], tmp_path: Path) -> None:
    # Letter by letter: a word that stands in the source of a cell hides nothing.
    letters = [[ord(letter) for letter in text] for text in OVER_HIDDEN]
    found = nonsense(
        book_of([f'say("".join(map(chr, {text})))' for text in letters], files, tmp_path)
    )
    for number, text in enumerate(OVER_HIDDEN, start=2):
        assert any(f"cell {number}," in line for line in found), text
