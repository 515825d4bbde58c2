"""The columns of the dictionary, made from those of somebody's own table as a mapping says."""

from collections.abc import Iterator, Sequence

import pandas as pd

from reanalysis.cohort.dates import ORDERS, as_date, order_of
from reanalysis.cohort.grid import FIRST_ROW
from reanalysis.cohort.hints import DATE
from reanalysis.cohort.mapping import NUMBERS, TAKE, ColumnMapping, Mapping, factors, is_code
from reanalysis.core.constants import DAYS_PER_MONTH
from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.disclosure import HIDDEN, MADE_UP, Policy, hidden_parts
from reanalysis.core.errors import InvalidCohort, Problem


def apply_mapping(
    table: pd.DataFrame, mapping: Mapping, policy: Policy = MADE_UP
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the columns of the dictionary from those of a table.

    Parameters
    ----------
    table
        Every cell as ``str``, one row per patient, in the columns of its owner.
    mapping
        What becomes what.
    policy
        What the report may show of the patients.

    Returns
    -------
    mapped : pandas.DataFrame
        The same rows, every cell as ``str``, in the columns of the dictionary.
    report : pandas.DataFrame
        One row per column made: ``column``, ``made from``, ``what was done`` and the number
        of patients ``left blank``.

    Raises
    ------
    InvalidCohort
        If the table lacks a column, or a cell is not a number where a unit is converted;
        with every such problem.
    """
    problems = [
        Problem(None, source, "", f"this column in the file; {entry.name} is made from it")
        for entry in mapping.columns
        for source in entry.uses
        if source not in table.columns and source != NUMBERS
    ]
    if problems:
        raise InvalidCohort(problems)

    made = {entry.name: _Made(entry, table, mapping.missing) for entry in mapping.columns}
    problems = [problem for column in made.values() for problem in column.problems]
    if problems:
        raise InvalidCohort(problems)
    for entry in mapping.columns:
        censoring = entry.times_of_censoring
        if mapping.times_of_censoring if censoring is None else censoring:
            made[entry.name].leave_out_censoring(made)
    rows = [column.report(len(table), policy) for column in made.values()]
    report = pd.DataFrame(rows, columns=["column", "made from", "what was done", "left blank"])
    mapped = {name: column.text for name, column in made.items()}
    # Texts, also where there is no row and so nothing to tell it by.
    return pd.DataFrame(mapped, index=table.index).astype(object), report


class _Made:
    """One column of the dictionary, made from those of a table.

    Parameters
    ----------
    entry
        How.
    table
        Every cell as ``str``, in the columns of its owner.
    missing
        Texts that mean 'not known'.
    """

    def __init__(self, entry: ColumnMapping, table: pd.DataFrame, missing: Sequence[str]) -> None:
        self._entry = entry
        self.problems: list[Problem] = []
        self._censored = 0
        if entry.source == NUMBERS and NUMBERS not in table:
            table = table.assign(**{NUMBERS: numbers_of(table)})
        self._blanked: dict[str, int] = {}
        self._unknown: dict[str, int] = {}
        parts = [self._known(table[source], missing) for source in entry.sources]
        if entry.since:
            self.text = self._since(table, parts, missing)
        else:
            self.text = parts[0] if len(parts) == 1 else self._composed(parts)
            self._ask_for_every_code()
            filled = self.text != ""
            self.text = self.text.replace(entry.levels)
            if entry.filled:
                self.text = self.text.where(~filled, entry.filled)
            if entry.blank:
                self.text = self.text.where(filled, entry.blank)
        self._factor = _factor(entry)
        if self._factor:
            self.text, bad = _scaled(self.text, self._factor)
            self.problems += [
                Problem(row, entry.source, cell, "a number", *_about_a_date(cell))
                for row, cell in bad
            ]

    def _known(self, cells: pd.Series, missing: Sequence[str]) -> pd.Series:
        """Leave out what means 'not known' and what is given up, and count both."""
        # A level is one, whatever is missing elsewhere; set_blank gives it up by its column.
        levels = load_dictionary().columns[self._entry.name].choices
        unknown = cells.isin([text for text in missing if text and text not in levels])
        for text, count in cells[unknown].value_counts(sort=False).items():
            self._unknown[str(text)] = self._unknown.get(str(text), 0) + int(count)
        known = cells.where(~unknown, "")
        for value in self._entry.set_blank:
            count = int((known == value).sum())
            self._blanked[value] = self._blanked.get(value, 0) + count
        return known.where(~known.isin(list(self._entry.set_blank)), "")

    def _composed(self, parts: list[pd.Series]) -> pd.Series:
        """Make one column of several: the first that is filled, or the largest or smallest."""
        first = parts[0]
        for part in parts[1:]:
            first = first.where(first != "", part)
        if self._entry.take == TAKE[0]:
            return first
        columns = zip(self._entry.sources, parts, strict=True)
        numbers = pd.DataFrame({i: self._numbers(name, p) for i, (name, p) in enumerate(columns)})
        chosen = numbers.max(axis=1) if self._entry.take == "last" else numbers.min(axis=1)
        return chosen.map(_plain).where(chosen.notna(), "")

    def _numbers(self, source: str, cells: pd.Series) -> pd.Series:
        numbers = pd.to_numeric(cells.where(cells != ""), errors="coerce")
        for index in cells.index[numbers.isna() & (cells != "")]:
            row = int(index) + FIRST_ROW
            self.problems.append(Problem(row, source, cells[index], "a number"))
        return numbers

    def _since(
        self, table: pd.DataFrame, parts: list[pd.Series], missing: Sequence[str]
    ) -> pd.Series:
        """Give the months from one date to another."""
        entry = self._entry
        start = table[entry.since].where(~table[entry.since].isin(missing), "")
        every = dict(zip((*entry.sources, entry.since), (*parts, start), strict=True))
        days = {name: self._days(name, cells) for name, cells in every.items()}
        begin = days.pop(entry.since)
        ends = pd.DataFrame({name: days[name] for name in entry.sources})
        if entry.take == TAKE[0]:
            end = ends.bfill(axis=1).iloc[:, 0]
        else:
            end = ends.max(axis=1) if entry.take == "last" else ends.min(axis=1)
        months = (end - begin) / DAYS_PER_MONTH
        for index in months.index[end.notna() & begin.isna()]:
            row = int(index) + FIRST_ROW
            expected = f"a date; {entry.name} is counted from it"
            if start[index] == "":
                self.problems.append(Problem(row, entry.since, "", expected))
        for index in months.index[months < 0]:
            row = int(index) + FIRST_ROW
            shown = next(p[index] for p in parts if p[index] != "")
            expected = f"a date not before {entry.since}, which is {start[index]}"
            self.problems.append(Problem(row, ", ".join(entry.sources), shown, expected))
        return months.map(repr).where(months.notna(), "")

    def _days(self, source: str, cells: pd.Series) -> pd.Series:
        """Give the day of each date, counted from a fixed one; what is none is a problem."""
        order = self._entry.dates or order_of(cells.unique())
        if not order:
            expected = (
                "dates of one reading; the first number can be the day and the month: say which "
                'in a mapping file, dates = "day first" or dates = "month first"'
            )
            example = next(cell for cell in cells.unique() if cell)
            self.problems.append(Problem(None, source, example, expected))
            order = ORDERS[0]
        read = {cell: as_date(cell, order) for cell in cells.unique() if cell}
        for index, cell in cells.items():
            if cell and read[cell] is None:
                row = int(str(index)) + FIRST_ROW
                expected = "a date, such as 2015-03-02, or a blank"
                advice = "leave it blank with set_blank, or name it in missing"
                self.problems.append(Problem(row, source, cell, expected, advice))
        days = {cell: float(date.toordinal()) for cell, date in read.items() if date}
        return cells.map(days).astype(float)

    def _ask_for_every_code(self) -> None:
        """Refuse codes of which one is explained, and another that means the same is not."""
        entry, column = self._entry, load_dictionary().columns[self._entry.name]
        explained = {level for code, level in entry.levels.items() if is_code(code)}
        for value in self.text.unique():
            if value in column.choices and value in explained and value not in entry.levels:
                codes = [c for c, level in entry.levels.items() if level == value and is_code(c)]
                expected = (
                    f"its meaning in levels, as {' and '.join(codes)} is said to be {value} too: "
                    "where one code is explained, every one is"
                )
                self.problems.append(Problem(None, entry.source, value, expected))

    def leave_out_censoring(self, made: dict[str, "_Made"]) -> None:
        """Blank the times of those who did not have the event."""
        condition = load_dictionary().columns[self._entry.name].condition
        if condition and condition[0] in made:
            event, level = condition
            without = made[event].text != level
            self._censored = int((without & (self.text != "")).sum())
            self.text = self.text.where(~without, "")

    def report(self, patients: int, policy: Policy) -> tuple[str, str, str, int | str]:
        """Give its row of the report."""
        entry = self._entry
        by_value = {(value, "set"): count for value, count in self._blanked.items()}
        by_value |= {(text, "unknown"): count for text, count in self._unknown.items()}
        blank = int((self.text == "").sum())
        # A text in one of several columns may leave no blank behind.
        if self._censored or entry.blank or len(entry.sources) > 1:
            told = {key: _alone(count, patients, policy) for key, count in by_value.items()}
            _, shown = shown_blanks({}, blank, patients, policy)
        else:
            keys = {str(i): count for i, count in enumerate(by_value.values())}
            masked, shown = shown_blanks(keys, blank, patients, policy)
            told = dict(zip(by_value, masked.values(), strict=True))
        counts = {value: told[value, "set"] for value in self._blanked}
        unknown = {text: told[text, "unknown"] for text in self._unknown}
        done = [*_done(entry, counts, self._factor)]
        if self._censored:
            done.append("without the times of those who were censored")
        if unknown:
            named = ", ".join(f"{text} in {count}" for text, count in unknown.items())
            done.insert(len(done) - bool(entry.note), f"taken as unknown: {named}")
        return entry.name, entry.made_from, "; ".join(done) or "as it is", shown


def _alone(count: int, of: int, policy: Policy) -> int | str:
    return policy.patients(count) if policy.may_show(count, of) else HIDDEN


def _about_a_date(cell: str) -> tuple[str, ...]:
    if DATE.fullmatch(cell) is None:
        return ()
    return ('it is a date: say since = "..." in the mapping file, the column of the first day',)


def _plain(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def numbers_of(table: pd.DataFrame) -> pd.Series:
    """Give labels to a table that has no column of them: its rows, numbered."""
    width = len(str(len(table)))
    labels = [f"row{number:0{width}}" for number in range(1, len(table) + 1)]
    return pd.Series(labels, index=table.index, dtype=object)


def shown_blanks(
    by_value: dict[str, int], blank: int, of: int, policy: Policy
) -> tuple[dict[str, int | str], int | str]:
    """Give the numbers of blanks in a column as they may be shown.

    Parameters
    ----------
    by_value
        Patients whose value was set blank, by value.
    blank, of
        Patients without a value, and all patients.
    policy
        What may be shown.

    Returns
    -------
    by_value, blank
        The same, rounded, with a word in the place of a number that is hidden.
    """
    others = blank - sum(by_value.values())
    mask = hidden_parts([*by_value.values(), others, of - blank], policy.smallest)
    counts = {
        value: HIDDEN if hide else policy.patients(count)
        for (value, count), hide in zip(by_value.items(), mask, strict=False)
    }
    return counts, policy.patients(blank) if policy.may_show(blank, of) else HIDDEN


def unused(table: pd.DataFrame, mapping: Mapping) -> pd.DataFrame:
    """List the columns of a table from which a mapping makes nothing.

    Parameters
    ----------
    table
        One row per patient, in the columns of its owner.
    mapping
        What becomes what.

    Returns
    -------
    pandas.DataFrame
        ``column``, and ``why`` it is left out as the mapping says, empty where it does not;
        those with a reason first.
    """
    used = {source for entry in mapping.columns for source in entry.uses}
    left = [name for name in table.columns if name not in used]
    rows = [(name, mapping.not_used.get(name, "")) for name in left]
    return pd.DataFrame(sorted(rows, key=lambda row: not row[1]), columns=["column", "why"])


def _so_many(count: int | str) -> str:
    return f"a {HIDDEN} number" if count == HIDDEN else str(count or "none")


def _done(
    entry: ColumnMapping, counts: dict[str, int | str], factor: float | None
) -> Iterator[str]:
    """Say what was done to a column; ``counts`` is how often a value was set blank."""
    if recoded := [f"{code} is {level}" for code, level in entry.levels.items() if code != level]:
        yield ", ".join(recoded)
    if entry.filled:
        yield f"a filled cell is {entry.filled}"
    if entry.blank:
        yield f"an empty cell is {entry.blank}"
    if entry.since:
        order = f", {entry.dates}" if entry.dates else ""
        yield f"days between the dates / {DAYS_PER_MONTH}{order}"
    if factor:
        yield f"{entry.unit} times {factor:.6g}"
    for why in dict.fromkeys(entry.set_blank.values()):
        values = [value for value, reason in entry.set_blank.items() if reason == why]
        told = [f"{value} in {_so_many(counts[value])}" for value in values]
        yield f"left blank: {', '.join(told)} ({why})"
    if entry.note:
        yield entry.note


def _factor(entry: ColumnMapping) -> float | None:
    """Return the factor of a conversion, or None where nothing is converted."""
    unit = load_dictionary().columns[entry.name].unit
    return factors(unit)[entry.unit] if entry.unit and entry.unit != unit else None


def _scaled(text: pd.Series, factor: float) -> tuple[pd.Series, list[tuple[int, str]]]:
    """Multiply the numbers of a text column; return what is not a number with its row."""
    numbers = pd.to_numeric(text.where(text != ""), errors="coerce")
    bad = [(int(i) + 2, text[i]) for i in text.index[numbers.isna() & (text != "")]]
    return (numbers * factor).map(repr).where(numbers.notna(), ""), bad
