"""A cohort of several centres: pooled, stratified, and centre by centre, side by side.

The same functions give the results of all patients and of each centre, and the same rules hide
them. The reader knows the numbers of the whole cohort from the other pages: of the results of the
centres never one alone is hidden, lest it follow from the others and the whole.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial

import numpy as np
import pandas as pd

from reanalysis.analysis.centres import centre_of, heterogeneity_p
from reanalysis.analysis.regression import Regression
from reanalysis.analysis.survival import SurvivalCurve, event_times, kaplan_meier_by, logrank
from reanalysis.cohort.columns import missing
from reanalysis.compare import rules
from reanalysis.compare.differences import fitted, print_rate, rate_in_percent
from reanalysis.compare.recomputation import Recomputation
from reanalysis.core.counts import Count, events_within
from reanalysis.core.dictionary import FOLLOW_UP
from reanalysis.core.disclosure import HIDDEN, TooFew, hidden_parts
from reanalysis.core.errors import CannotShow, NotEstimable, why
from reanalysis.paper.study import ENDPOINTS, OVERALL_SURVIVAL, RATE_MONTH, TERMS, Endpoint, Term

ALL = "All patients"
STRATIFIED = "Stratified"
DIFFERENT = "p, centres differ"
UNNAMED = "Centre not recorded"
MOST_CURVES = 4  # one figure has so many kinds of lines
MOST_COLUMNS = 12  # a table with more is read by nobody
_NONE = "–"


class Centres:
    """The results of the centres of a cohort beside those of all its patients.

    Parameters
    ----------
    here
        The published numbers as the whole cohort gives them.

    Attributes
    ----------
    centre
        The centre of each patient, missing where it is blank.
    parts
        The published numbers as each centre gives them, in the order of the centres' names: one of
        their sizes would say which of two hidden numbers is the smaller.

    Raises
    ------
    NotRecorded
        If the cohort does not record centres.
    NotEstimable
        If all of its patients are of one.
    """

    def __init__(self, here: Recomputation) -> None:
        self.here = here
        self.centre = centre_of(here.cohort)
        self.parts = {
            str(name): Recomputation(part, here.policy)
            for name, part in here.cohort.groupby(self.centre, sort=True)
        }

    def __len__(self) -> int:
        """Count the centres."""
        return len(self.parts)

    def sizes(self) -> pd.DataFrame:
        """Count the patients and the deaths of each centre, and give its follow-up.

        Returns
        -------
        pandas.DataFrame
            Index ``Centre``, all patients last: ``Patients``, ``Deaths`` and ``Follow-up, months``,
            the median of the times under observation. Patients whose centre is not recorded have a
            row of their own.

        Raises
        ------
        NotRecorded
            If the cohort does not record deaths and follow-up.
        """
        deaths, patients = self._counts
        follow_up = {name: group[FOLLOW_UP] for name, group in self._groups.items()}
        rows = {
            name: (
                patients[name],
                deaths[name],
                HIDDEN if patients[name].hidden else self._median(follow_up[name]),
            )
            for name in patients
        }
        policy, whole = self.here.policy, self.here.cohort
        dead = int((whole[OVERALL_SURVIVAL.event] == 1).sum())
        rows[ALL] = (
            Count(len(whole), policy),
            Count(dead, policy, len(whole)),
            self._median(whole[FOLLOW_UP]),
        )
        columns = ["Patients", "Deaths", "Follow-up, months"]
        table = pd.DataFrame.from_dict(rows, orient="index", columns=columns, dtype=object)
        return table.rename_axis("Centre")

    def rates(self) -> pd.DataFrame:
        """Give the rates at 36 months of each centre.

        Returns
        -------
        pandas.DataFrame
            Index ``Centre``, all patients last; a column for each endpoint, in percent with its
            pointwise 95 % interval (log-log). ``attrs["missing"]`` says why a rate is missing.
        """
        columns: dict[str, list[str]] = {}
        reasons: list[tuple[str, CannotShow]] = []
        for endpoint in ENDPOINTS.values():
            hidden = self._hidden(
                partial(_few_by_then, endpoint=endpoint),
                partial(_events_by_then, endpoint=endpoint),
            )
            cells = []
            for part, hide in zip([*self.parts.values(), self.here], [*hidden, False], strict=True):
                text, reason = _rate(part, endpoint)
                cells.append(HIDDEN if hide else text)
                reasons += [("", reason)] if reason and not hide else []
            columns[endpoint.label] = cells
        table = pd.DataFrame(columns, index=pd.Index([*self.parts, ALL], name="Centre"))
        return _with_reasons(table, reasons)

    def hazards(self, endpoint: Endpoint, model: str) -> pd.DataFrame:
        """Give hazard ratios of all patients, pooled and stratified by centre, and of each centre.

        Parameters
        ----------
        endpoint
            Local control or overall survival.
        model
            ``'univariable'``, or ``'multivariable'``: the variables of the paper's model.

        Returns
        -------
        pandas.DataFrame
            One row per variable that has a pooled estimate: ``Variable``, ``All patients``,
            ``Stratified``, a column for each of up to 12 centres, all with 95 % Wald intervals, and
            ``p, centres differ`` of Cochran's test. ``attrs["missing"]`` says why others are
            missing.
        """
        pooled = fitted(self.here, endpoint, model)
        within = fitted(self.here, endpoint, model, self.centre)
        own = {name: fitted(part, endpoint, model) for name, part in self.parts.items()}
        rows: list[dict[str, str]] = []
        reasons: list[tuple[str, CannotShow]] = []
        for term in TERMS:
            column = term.column
            if column not in pooled or isinstance(pooled[column], CannotShow):
                continue
            few = _few(self.here, endpoint, column)
            hidden = self._hidden(
                partial(_few, endpoint=endpoint, column=column), partial(_events, endpoint=endpoint)
            )
            found = [(ALL, pooled[column], few), (STRATIFIED, within[column], few)]
            if len(self) <= MOST_COLUMNS:
                found += [(n, own[n][column], h) for n, h in zip(own, hidden, strict=True)]
            row = {"Variable": term.contrast}
            for name, fit, hide in found:
                row[name] = HIDDEN if hide else self._ratio(fit, column)
                reasons += [("", fit)] if isinstance(fit, CannotShow) and not hide else []
            alone = [models[column] for models in own.values()]
            row[DIFFERENT] = HIDDEN if any(hidden) else self._difference(alone, column)
            rows.append(row)
        return _with_reasons(pd.DataFrame(rows), reasons)

    def tests(self, endpoint: Endpoint) -> pd.DataFrame:
        """Compare the levels of each variable by the log-rank test, pooled and stratified.

        Parameters
        ----------
        endpoint
            The endpoint.

        Returns
        -------
        pandas.DataFrame
            One row per variable with two levels: ``Variable``, ``All patients`` and
            ``Stratified``, p values as text. ``attrs["missing"]`` says why some are missing.
        """
        times = event_times(self.here.cohort, endpoint)
        rows, reasons = [], []
        for term in (term for term in TERMS if term.levels):
            row = {"Variable": term.contrast}
            for name, strata in ((ALL, None), (STRATIFIED, self.centre)):
                text, reason = self._test(term, endpoint, times, strata)
                row[name] = text
                reasons += [("", reason)] if reason else []
            rows.append(row)
        return _with_reasons(pd.DataFrame(rows), reasons)

    def curves(self, endpoint: Endpoint) -> dict[str, SurvivalCurve]:
        """Estimate the curve of each centre.

        Returns
        -------
        dict
            By centre; without those whose patients may not be counted.

        Raises
        ------
        NotEstimable
            If there are more centres than one figure can tell apart.
        TooFew
            If fewer than two centres are left.
        """
        if len(self) > MOST_CURVES:
            raise NotEstimable(f"{len(self)} centres are more curves than a figure can tell apart")
        patients = self._counts[1]
        shown = [name for name in self.parts if not patients[name].hidden]
        if len(shown) < 2:
            raise TooFew(self.here.policy.smallest)
        times = event_times(self.here.cohort, endpoint)
        return kaplan_meier_by(times, self.centre.where(self.centre.isin(shown)))

    # --- what may be shown ------------------------------------------------------------------------

    @cached_property
    def _groups(self) -> dict[str, pd.DataFrame]:
        """Patients by centre, and last those whose centre is not recorded, if there are any."""
        groups = {name: part.cohort for name, part in self.parts.items()}
        if self.centre.isna().any():
            groups[UNNAMED] = self.here.cohort[self.centre.isna()]
        return groups

    @cached_property
    def _counts(self) -> tuple[dict[str, Count], dict[str, Count]]:
        """Deaths and patients of each group."""
        event = OVERALL_SURVIVAL.event
        missing(self.here.cohort, event, FOLLOW_UP)
        numbers = {n: (int((g[event] == 1).sum()), len(g)) for n, g in self._groups.items()}
        return events_within(numbers, self.here.policy)

    def _hidden(
        self, few: Callable[[Recomputation], bool], events: Callable[[Recomputation], int]
    ) -> list[bool]:
        """Choose the centres whose estimate is hidden: those of too few, and never one alone.

        Parameters
        ----------
        few
            Whether the estimate of a centre rests on too few patients.
        events
            How many events it rests on, by which another one is chosen.
        """
        policy = self.here.policy
        if not policy.hides:
            return [False] * len(self)
        patients = self._counts[1]
        numbers = []
        for name, part in self.parts.items():
            try:
                numbers.append(1 if patients[name].hidden or few(part) else events(part))
            except CannotShow:  # it has no estimate, and there is nothing to hide
                numbers.append(0)
        return hidden_parts(numbers, policy.smallest)

    def _median(self, months: pd.Series) -> str:
        policy = self.here.policy
        value = policy.quantile(months.dropna(), float(months.median()))
        return policy.number(value, 1) if np.isfinite(value) else HIDDEN

    def _ratio(self, model: Regression | CannotShow, column: str) -> str:
        if isinstance(model, CannotShow):
            return _NONE
        row = model.table.loc[column]
        ratio, lower, upper = (float(row[part]) for part in ("ratio", "lower", "upper"))
        return self.here.policy.interval(ratio, lower, upper)

    def _difference(self, models: Iterable[Regression | CannotShow], column: str) -> str:
        rows = [m.table.loc[column] for m in models if isinstance(m, Regression)]
        coef, se = ([float(row[part]) for row in rows] for part in ("coef", "se"))
        try:
            return self.here.policy.p(heterogeneity_p(coef, se))
        except NotEstimable:
            return _NONE

    def _test(
        self, term: Term, endpoint: Endpoint, times: pd.DataFrame, strata: pd.Series | None
    ) -> tuple[str, CannotShow | None]:
        cohort, policy = self.here.cohort, self.here.policy
        try:
            missing(cohort, term.column)
            p = logrank(times, cohort[term.column].astype(object), strata)
        except CannotShow as reason:
            return _NONE, reason
        if _few(self.here, endpoint, term.column):
            return HIDDEN, None
        return policy.p(p), None


def _rate(part: Recomputation, endpoint: Endpoint) -> tuple[str, CannotShow | None]:
    """Print a rate, or say why there is none."""
    try:
        return print_rate(part.policy, rate_in_percent(part, endpoint)), None
    except TooFew:
        return HIDDEN, None
    except CannotShow as reason:
        return _NONE, reason


def _few_by_then(part: Recomputation, endpoint: Endpoint) -> bool:
    return rules.rate(part.cohort, part.policy, 0, endpoint.key, str(RATE_MONTH))


def _events_by_then(part: Recomputation, endpoint: Endpoint) -> int:
    return part.curve(endpoint.key).events_by(RATE_MONTH)


def _few(part: Recomputation, endpoint: Endpoint, column: str) -> bool:
    return rules.few_events(part.cohort, part.policy, endpoint.key, column)


def _events(part: Recomputation, endpoint: Endpoint) -> int:
    return int((part.cohort[endpoint.event] == 1).sum())


def _with_reasons(table: pd.DataFrame, reasons: Sequence[tuple[str, CannotShow]]) -> pd.DataFrame:
    """Let a table say why something in it is missing."""
    table.attrs["missing"] = [f"{_NONE}: {sentence}." for sentence in why(reasons)]
    return table
