"""What a private book says: cohorts for it, and every text that the cells of a notebook show.

The notebooks run in this process, which is many times faster than kernels. What the book has a way
of its own to print (a count, a published number, a cell of a table) is marked in the texts, so that
a number that got onto the page in another way stands out.
"""

import html
import os
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest
from cohorts import EVENTS, REGIMENS, ordinary
from IPython.utils.capture import capture_output
from less_work import fewer_drawn, fewer_repetitions
from matplotlib.figure import Figure
from shell import notebook_shell

import reanalysis
from reanalysis.cohort.loading import COHORT_VARIABLE, MAPPING_VARIABLE, load_cohort
from reanalysis.cohort.policy import policy_of, private_policy
from reanalysis.compare.recomputation import Recomputation
from reanalysis.core.counts import Count
from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.disclosure import HIDDEN, Policy
from reanalysis.page import counts, here, risk_table, table
from reanalysis.page.figures import Shown
from reanalysis.page.notebook import Note
from reanalysis.page.table import Table
from reanalysis.paper import register
from reanalysis.site.widget_state import WIDGET_VIEW

OPEN, CLOSE = "⟨", "⟩"  # no text of the book has them
# What tables and figures say of their hidden numbers.
NOTE = re.compile(rf"{HIDDEN}: fewer than \d+ patients, or a number from which", re.IGNORECASE)


class Marked(str):
    """A text that was printed in one of the book's own ways; it equals the text itself."""

    def __str__(self) -> str:
        return f"{OPEN}{self[:]}{CLOSE}"

    def __format__(self, spec: str) -> str:
        return f"{OPEN}{format(self[:], spec)}{CLOSE}"

    __repr__ = __str__


@dataclass(frozen=True)
class Said:
    """The texts of one cell."""

    cell: int
    source: str
    texts: tuple[str, ...]
    note: bool  # whether one of them stands in the place of a result
    stills: tuple[str, ...]  # what the still versions of widgets say

    @property
    def text(self) -> str:
        return "\n".join(self.texts)

    @property
    def unmarked(self) -> str:
        """Its text without what was printed in one of the book's own ways."""
        return NOTE.sub("", re.sub(f"{OPEN}[^{CLOSE}]*{CLOSE}", "", self.text))

    @property
    def plain(self) -> str:
        """Its text as a reader sees it."""
        return self.text.replace(OPEN, "").replace(CLOSE, "")


def cohort(n: int, seed: int, rare: tuple[int, int] = (1, 5)) -> pd.DataFrame:
    """Draw patients among whom nearly every variable and event has a number that is too small.

    Parameters
    ----------
    n, seed
        How many, and of which draw.
    rare
        From how many patients to (below) how many there are in the last level of each variable:
        too few, or just enough, for what would be a note if there were too few.
    """
    rng = np.random.default_rng(seed)
    table = ordinary(n, seed)

    def some(place: int, low: int = 1, high: int = 5) -> int:
        """A number that differs between draws of neighbouring seeds."""
        return low + (seed + place) % (high - low)

    for place, (name, column) in enumerate(load_dictionary().columns.items()):
        if column.type != "level" or name == "salvage_treatment":
            continue
        levels = [level for level in column.levels if level != "1-2"]
        common, *others, last = levels if name != "best_response" else ["CR", "PR", "PD", "SD"]
        # Each of several levels is there, so that tables have the same rows in every cohort.
        few = {last: some(place, *rare)}
        few |= {level: some(place, 5, 8) for level in others}
        values = [level for level, k in few.items() for _ in range(k)]
        assert len(values) <= n - 5, name
        table[name] = rng.permutation(values + [common] * (n - len(values)))
    others = ((0, some(0, 5, 10)), (2, some(1)), (3, some(2)), (4, some(3)))
    regimens = [REGIMENS[i] for i, k in others for _ in range(k)]
    regimens += [REGIMENS[1]] * (n - len(regimens))
    order = rng.permutation(n)
    table["total_dose_gy"], table["fractions"] = zip(
        *((regimens[i].total_dose_gy, regimens[i].fractions) for i in order), strict=True
    )
    # Values with decimals that nothing else has, so that one patient's can be told.
    table["tumor_size_cm"] = (rng.uniform(0.8, 5, n) + 0.003).round(3)
    table["age"] = rng.integers(42, 83, n)
    rare_events = {"rib_fracture": some(0), "gi_bleeding": some(1), "hepatic_failure": some(2)}
    rare_events |= {"biliary_stricture": some(3), "distant_metastasis": some(1)}
    shares = {"local_failure": 0.35, "intrahepatic_recurrence": 0.55, "death": 0.5}
    for event in (*rare_events, *shares):
        k = rare_events.get(event) or round(shares[event] * n) + some(0)
        table[event] = rng.permutation([1] * k + [0] * (n - k))
    for event, share in zip(EVENTS, (0.5, 0.4, 0.7), strict=True):
        months = (table["follow_up_months"] * share).round(1)
        table[f"{event}_months"] = months.where(table[event] == 1)
    responded = table["best_response"] == "CR"
    early = rng.uniform(0.02, 0.5, n) * table["follow_up_months"]
    table["complete_response_months"] = early.round(1).where(responded)
    isolated = (table[list(EVENTS)] == [1, 0, 0]).all(axis=1)
    table["salvage_treatment"] = pd.Series(["TACE", "resection", "RT"] * n)[:n].where(isolated)
    for name in ("hepatic_toxicity_grade", "child_pugh_increase"):
        few = [1] * some(0, 5, 8) + [2] * some(1) + [3] * some(2)
        table[name] = rng.permutation([0] * (n - len(few)) + few)
    blank = rng.choice(n, some(2), replace=False)
    table.loc[blank, "afp_ng_ml"] = np.nan
    # Two centres of enough patients, and one of too few.
    east, south = some(0), n // 3 + some(1)
    names = ["east"] * east + ["south"] * south + ["north"] * (n - east - south)
    return table.assign(centre=rng.permutation(names))


def mark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mark whatever the book has a way of its own to print."""

    def marked(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **kwargs: _marked(function(*args, **kwargs))

    for name in ("__str__", "__format__"):
        monkeypatch.setattr(Count, name, _marked_count(getattr(Count, name)))
    monkeypatch.setattr(Count, "percent", marked(Count.percent))
    monkeypatch.setattr(Policy, "number", marked(Policy.number))
    monkeypatch.setattr(Policy, "p", marked(Policy.p))
    monkeypatch.setattr(here.Here, "percentage", marked(here.Here.percentage))
    monkeypatch.setattr(here.Here, "rate", marked(here.Here.rate))
    monkeypatch.setattr(table, "plain", marked(table.plain))
    monkeypatch.setattr(Recomputation, "__call__", marked(Recomputation.__call__))
    monkeypatch.setattr(Recomputation, "text", _text)
    monkeypatch.setattr(risk_table, "at_risk", marked(risk_table.at_risk))
    monkeypatch.setattr(here, "quantile", marked(counts.quantile))
    monkeypatch.setattr(counts, "events_of", marked(counts.events_of))
    monkeypatch.setattr(reanalysis, "events_of", counts.events_of, raising=False)
    monkeypatch.setattr(Table, "__init__", _marked_table(Table.__init__))
    monkeypatch.setattr(Shown, "__init__", _read_figure(Shown.__init__))
    # What a figure says has been read by then; test_whole_book.py draws them on other cohorts.
    monkeypatch.setattr(Figure, "savefig", lambda *_, **__: None)
    monkeypatch.setattr(reanalysis, "load_cohort", _load_once, raising=False)
    fewer_repetitions(monkeypatch)


def _load_once(*args: Any, **options: Any) -> pd.DataFrame:
    """Load the cohort of the book, which is the same for every notebook, once."""
    if args or options:
        return load_cohort(*args, **options)
    return _loaded(os.environ[COHORT_VARIABLE], os.environ[MAPPING_VARIABLE]).copy()


@cache
def _loaded(file: str, mapping: str) -> pd.DataFrame:
    return load_cohort()


def run(path: Path, file: Path, monkeypatch: pytest.MonkeyPatch, mapping: str = "") -> list[Said]:
    """Execute a notebook on a cohort and give what its cells say."""
    monkeypatch.setenv(COHORT_VARIABLE, str(file))
    monkeypatch.setenv(MAPPING_VARIABLE, mapping)
    monkeypatch.chdir(path.parent)
    plt.switch_backend("agg")
    said = []
    with notebook_shell() as shell:
        cells = nbformat.read(path, as_version=4).cells
        for number, cell in enumerate((c for c in cells if c.cell_type == "code"), start=1):
            with warnings.catch_warnings(), capture_output() as captured:
                warnings.simplefilter("ignore")
                outcome = shell.run_cell(fewer_drawn(cell.source))
            error = outcome.error_in_exec or outcome.error_before_exec
            assert error is None, f"{path.stem}, code cell {number}: {error!r}"
            outputs = [o for o in (*captured.outputs, outcome.result) if o is not None]
            stills = tuple(_seen(html) for o in outputs if (html := _still(o)))
            outputs = [o for o in outputs if not _of_a_widget(o)]
            # What a cell ends with is printed there as well.
            printed, *_ = captured.stdout.partition("Out[0]: ")
            texts = (printed, captured.stderr, *(t for o in outputs for t in _texts(o)))
            note = any(isinstance(output, Note) for output in outputs)
            said.append(Said(number, cell.source, tuple(filter(None, texts)), note, stills))
    plt.close("all")
    return said


def _marked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _marked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_marked(item) for item in value]
    return Marked(value)


def _marked_count(method: Callable[..., str]) -> Callable[..., str]:
    """Mark a count, unless it shows a small number: that stands out, then."""

    def wrapped(self: Count, *spec: str) -> str:
        text = method(self, *spec)
        shown = self.hidden or private_policy().may_show(self.exact)
        return f"{OPEN}{text}{CLOSE}" if shown else text

    return wrapped


def _text(self: Recomputation, template: str) -> str:
    filled = register.fill(template, lambda number: str(self(number)))
    return re.sub(rf"(?<!{OPEN})\b{HIDDEN}\b", f"{OPEN}{HIDDEN}{CLOSE}", filled)


def _marked_table(init: Callable[..., None]) -> Callable[..., None]:
    """Mark the cells that a table has gone through: hidden ones, and numbers that may be shown."""

    def wrapped(self: Table, frame: pd.DataFrame, *args: Any, **options: Any) -> None:
        init(self, frame, *args, **options)
        policy = options.get("policy") or policy_of(frame)
        if policy.hides:

            def cell(value: Any) -> Any:
                whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
                may = whole and policy.may_show(int(value))
                return (
                    Marked(value) if may or (isinstance(value, str) and value == HIDDEN) else value
                )

            self.frame = self.frame.astype(object).map(cell)

    return wrapped


def _read_figure(init: Callable[..., None]) -> Callable[..., None]:
    """Add the words in a figure to its alternative text; of its axes only the labels."""

    def wrapped(self: Shown, figure: Any, alt: str, caption: str, **options: Any) -> None:
        axes = [axis for a in figure.axes for axis in (a.xaxis, a.yaxis)]
        ticks = {t for axis in axes for t in axis.findobj(plt.Text)} - {axis.label for axis in axes}
        words = [t.get_text() for t in figure.findobj(plt.Text) if t not in ticks]
        init(self, figure, f"{alt} {' | '.join(words)}", caption, **options)

    return wrapped


def _still(output: Any) -> str:
    """Give the still version that an output is, with what its drawing says to who cannot see it."""
    data = getattr(output, "data", None)
    page = data.get("text/html", "") if isinstance(data, dict) else ""
    if 'class="rx-still"' not in page:
        return ""
    return re.sub(r'<svg [^>]*aria-label="([^"]*)".*?</svg>', r" \1 ", page, flags=re.DOTALL)


def _of_a_widget(output: Any) -> bool:
    data = getattr(output, "data", None)
    return bool(_still(output)) or (isinstance(data, dict) and WIDGET_VIEW in data)


def _texts(output: Any) -> Iterator[str]:
    """Give what one output says."""
    data = getattr(output, "data", None)
    if isinstance(data, str):  # a sentence
        yield data
    elif isinstance(data, dict):  # something displayed
        yield from (_seen(d) if k == "text/html" else str(d) for k, d in data.items() if d)
    elif hasattr(output, "_repr_html_"):
        yield _seen(output._repr_html_())
    else:
        yield repr(output)


def _seen(source: str) -> str:
    """The text of a piece of a page, alternative texts included."""
    source = re.sub(r"<(script|style)\b.*?</\1>", "", source, flags=re.DOTALL)
    source = re.sub(r'<img [^>]*alt="([^"]*)"[^>]*>', r" \1 ", source)
    source = re.sub(r"<(caption|td|th|tr|figcaption|p|div)\b[^>]*>", " | ", source)
    return html.unescape(re.sub(r"<[^>]+>", "", source))
