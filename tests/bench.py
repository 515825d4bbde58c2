"""How long the estimators take, beside lifelines, statsmodels and, where it is installed, R.

    make bench

prints tables of medians and ratios, of time and of memory. Each round runs all of them in turn, so
that what else the machine does falls on all alike. Nothing here is a test: times depend on the
machine.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from reanalysis.analysis import engine
from reanalysis.analysis.competing_risks import incidence_with_limits
from reanalysis.analysis.regression import FIT_OPTIONS, design_matrix
from reanalysis.analysis.survival import event_times, kaplan_meier, number_at_risk
from reanalysis.cohort.loading import load_cohort
from reanalysis.compare.fits import Fits
from reanalysis.compare.recomputation import Recomputation
from reanalysis.core.errors import CannotShow
from reanalysis.core.paths import ROOT
from reanalysis.paper.register import register
from reanalysis.paper.study import MODELLED, MULTIVARIABLE, OVERALL_SURVIVAL, UNIVARIABLE

ROUNDS = 3
REFITS = 1000
R_BEGIN = """
suppressMessages(library(survival))
d <- read.csv(commandArgs(TRUE)[1])
once <- function(f) { s <- proc.time()[[3]]; f(); proc.time()[[3]] - s }
timed <- function(f, n) { f(); for (i in 1:n) cat(once(f), "\n") }
ctl <- coxph.control(eps = 1e-12)
"""


def made_up(n: int) -> pd.DataFrame:
    random = np.random.default_rng(1)
    x = random.normal(size=(n, 6))
    months = random.exponential(20 * np.exp(-x @ [0.3, 0.2, 0, 0.1, 0, 0.1])).round(2) + 0.01
    last = random.uniform(1, 60, n).round(2)
    event = (months <= last).astype(int)
    table = pd.DataFrame(x, columns=[f"x{i}" for i in range(6)])
    kind = np.where(event == 1, random.integers(1, 3, n), 0)
    return table.assign(months=np.minimum(months, last), event=event, kind=kind)


def milliseconds(work: Callable[[], object], times: int = 1) -> float:
    begin = time.perf_counter()
    for _ in range(times):
        work()
    return 1000 * (time.perf_counter() - begin) / times


def r_milliseconds(script: str, data: Path, times: int = 1) -> float | None:
    if not shutil.which("Rscript"):
        return None
    code = f"{R_BEGIN}\ntimed(function() {{ {script} }}, {times})"
    done = subprocess.run(
        ["Rscript", "-e", code, str(data)], capture_output=True, encoding="utf-8", check=True
    )
    return 1000 * float(np.median([float(line) for line in done.stdout.split()]))


def compare(
    name: str, works: dict[str, Callable[[], float | None]]
) -> tuple[str, dict[str, float]]:
    """Run all in turn, and give the median of each in milliseconds."""
    found: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for label, work in works.items():
            value = work()
            if value is not None:
                found.setdefault(label, []).append(value)
    medians = {label: float(np.median(values)) for label, values in found.items()}
    print(name, {label: round(value, 2) for label, value in medians.items()}, flush=True)
    return name, medians


def tables_2_and_3(folder: Path) -> tuple[str, dict[str, float]]:
    from lifelines import CoxPHFitter

    cohort = load_cohort()
    models = [
        (endpoint, chosen)
        for endpoint in MODELLED
        for chosen in (
            *([term] for term in UNIVARIABLE[endpoint.key]),
            MULTIVARIABLE[endpoint.key],
        )
    ]
    tables = [
        design_matrix(cohort, terms).join(event_times(cohort, endpoint), how="inner")
        for endpoint, terms in models
    ]
    path, lines = folder / "tables.csv", []
    columns = sorted({c for table in tables for c in table} - {"months", "event"})
    wide = pd.DataFrame(index=cohort.index)
    for column in columns:
        wide[column] = next(table[column] for table in tables if column in table)
    for endpoint, terms in models:
        times = event_times(cohort, endpoint).add_suffix(f"_{endpoint.short}")
        wide[times.columns] = times
        right = " + ".join(term.column for term in terms)
        left = f"Surv(months_{endpoint.short}, event_{endpoint.short})"
        lines.append(f"coxph({left} ~ {right}, d, control = ctl)")
    wide.to_csv(path, index=False)

    def ours() -> None:
        fits = Fits(cohort)
        for endpoint in MODELLED:
            fits.multivariable(endpoint.key)

    def theirs() -> None:
        for table in tables:
            CoxPHFitter().fit(table, "months", "event", fit_options=FIT_OPTIONS)

    return compare(
        "Tables 2 and 3",
        {
            "book": lambda: milliseconds(ours, 5),
            "lifelines": lambda: milliseconds(theirs),
            "R": lambda: r_milliseconds("; ".join(lines), path, 5),
        },
    )


def refits(folder: Path) -> tuple[str, dict[str, float]]:
    cohort = load_cohort()
    terms = MULTIVARIABLE[OVERALL_SURVIVAL.key]
    data = design_matrix(cohort, terms).join(event_times(cohort, OVERALL_SURVIVAL), how="inner")
    x = data[[term.column for term in terms]].to_numpy(float)
    months, event = data["months"].to_numpy(float), data["event"].to_numpy(np.int32)
    path = folder / "refits.csv"
    data.to_csv(path, index=False)

    def ours() -> None:
        random = np.random.default_rng(1)
        for _ in range(REFITS):
            rows = random.integers(0, len(x), len(x))
            engine.cox(months[rows], event[rows], x[rows])

    script = f"""x <- as.matrix(d[1:{len(terms)}]); y <- Surv(d$months, d$event); set.seed(1)
        for (i in 1:{REFITS}) {{ r <- sample.int(nrow(d), replace = TRUE)
        coxph.fit(x[r, ], y[r], NULL, NULL, NULL, ctl, NULL, "efron", as.character(1:nrow(d))) }}"""
    return compare(
        f"{REFITS} bootstrap refits, six variables",
        {
            "book": lambda: milliseconds(ours),
            "R (coxph.fit)": lambda: r_milliseconds(script, path),
        },
    )


def fits(folder: Path, n: int) -> tuple[str, dict[str, float]]:
    import statsmodels.api as sm

    data = made_up(n)
    names = [f"x{i}" for i in range(6)]
    x, months = data[names].to_numpy(), data["months"].to_numpy()
    event = data["event"].to_numpy(np.int32)
    path = folder / f"fits{n}.csv"
    data.to_csv(path, index=False)
    right = " + ".join(names)
    works: dict[str, Callable[[], float | None]] = {
        "book": lambda: milliseconds(lambda: engine.cox(months, event, x)),
        "R": lambda: r_milliseconds(
            f"coxph(Surv(months, event) ~ {right}, d, control = ctl)", path
        ),
    }
    if n <= 10_000:
        works["statsmodels"] = lambda: milliseconds(
            lambda: sm.PHReg(months, x, status=event, ties="efron").fit()
        )
    return compare(f"one Cox model, {n:,} rows", works)


def megabytes(command: list[str]) -> float:
    """Run a program, and give the most memory that it held."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise subprocess.CalledProcessError(status, command)
    return usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def memory(folder: Path, n: int) -> tuple[str, dict[str, float]]:
    """Compare whole programs that load the same numbers, in their own form, and fit one model."""
    data = made_up(n)
    names = [f"x{i}" for i in range(6)]
    ours, theirs = folder / f"memory{n}.npz", folder / f"memory{n}.rds"
    np.savez(ours, months=data["months"], event=data["event"].astype("int32"), x=data[names])
    code = (
        "import sys, numpy as np; from reanalysis.analysis import engine; "
        "d = np.load(sys.argv[1]); engine.cox(d['months'], d['event'], d['x'])"
    )
    works = {"book": lambda: megabytes([sys.executable, "-c", code, str(ours)])}
    if shutil.which("Rscript"):
        path = folder / f"memory{n}.csv"
        data.to_csv(path, index=False)
        arguments = "a <- commandArgs(TRUE)"
        save = f"{arguments}; saveRDS(read.csv(a[1]), a[2])"
        subprocess.run(["Rscript", "-e", save, str(path), str(theirs)], check=True)
        right = " + ".join(names)
        fit = f"coxph(Surv(months, event) ~ {right}, d)"
        fit = f"{arguments}; library(survival); d <- readRDS(a[1]); {fit}"
        works["R"] = lambda: megabytes(["Rscript", "-e", fit, str(theirs)])
    return compare(f"one Cox model, {n:,} rows", works)


def curves(folder: Path, n: int) -> list[tuple[str, dict[str, float]]]:
    from lifelines import KaplanMeierFitter

    data = made_up(n)
    times = data[["months", "event"]]
    path = folder / f"curves{n}.csv"
    data.to_csv(path, index=False)
    at = [0, 12, 24, 36, 48]
    kind = data["kind"].to_numpy()
    first = times.assign(event=(kind == 1).astype(int))
    death = pd.Series((kind == 2).astype(int))
    survfit = "k <- survfit(Surv(months, event) ~ 1, d, conf.type = 'log-log')"
    competing = "survfit(Surv(months, factor(kind, 0:2)) ~ 1, d, conf.type = 'log-log')"
    return [
        compare(
            f"Kaplan-Meier with numbers at risk, {n:,} rows",
            {
                "book": lambda: milliseconds(
                    lambda: (kaplan_meier(times), number_at_risk(times, at))
                ),
                "lifelines": lambda: milliseconds(
                    lambda: KaplanMeierFitter().fit(times["months"], times["event"])
                ),
                "R": lambda: r_milliseconds(
                    f"{survfit}; summary(k, times = c(0, 12, 24, 36, 48))", path
                ),
            },
        ),
        compare(
            f"cumulative incidence with limits, {n:,} rows",
            {
                "book": lambda: milliseconds(lambda: incidence_with_limits(first, death)),
                "R": lambda: r_milliseconds(competing, path),
            },
        ),
    ]


def whole_register() -> tuple[str, dict[str, float]]:
    cohort = load_cohort()

    def ours() -> None:
        here = Recomputation(cohort)
        for number in register().index:
            try:
                here.value(str(number))
            except CannotShow:
                continue

    ours()
    return compare("every number of the register", {"book": lambda: milliseconds(ours)})


def imports() -> list[tuple[str, dict[str, float]]]:
    def started(code: str) -> float:
        return milliseconds(
            lambda: subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
        )

    empty = started("pass")
    return [
        compare("import reanalysis", {"book": lambda: started("import reanalysis") - empty}),
        compare(
            "import with its estimators",
            {"book": lambda: started("from reanalysis import kaplan_meier, cox, logrank") - empty},
        ),
    ]


def main() -> None:
    warnings.simplefilter("ignore")
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows += [tables_2_and_3(folder), refits(folder)]
        rows += [fits(folder, n) for n in (10_000, 100_000, 1_000_000)]
        rows += [*curves(folder, 100_000), *curves(folder, 1_000_000)]
        held = [memory(folder, n) for n in (10_000, 100_000, 1_000_000)]
    rows += [whole_register(), *imports()]
    print("\n" + in_words(rows, "ms"))
    print("\n" + in_words(held, "MB"))


def in_words(rows: list[tuple[str, dict[str, float]]], unit: str) -> str:
    """Lay out medians and their ratios to the book's as a table in Markdown."""
    table = pd.DataFrame(dict(rows)).T
    ratios = table.div(table["book"], axis=0).drop(columns="book").add_suffix(" / book")
    whole = table.add_suffix(f", {unit}").join(ratios).round(2).astype(object)
    lines = [
        "| what | " + " | ".join(whole.columns) + " |",
        "|---" * (len(whole.columns) + 1) + "|",
    ]
    for label, row in whole.iterrows():
        cells = ("" if pd.isna(value) else f"{value:,.2f}" for value in row)
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
