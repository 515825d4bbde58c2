"""Dates as people write them, and the months between two of them."""

import datetime
import re
from collections.abc import Iterable

import pandas as pd

ORDERS = ("day first", "month first")

_ISO = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})\.?([ T][0-9:.]+Z?)?")
_TWO = re.compile(r"([0-9]{1,2})[-/. ]+([0-9]{1,2})[-/. ]+([0-9]{4})\.?( [0-9:.]+)?")
_NAMED = re.compile(r"([0-9]{1,2})[-/. ]+([^\W\d_]{3,9})\.?[-/, ]+([0-9]{4})")
_NAMED_FIRST = re.compile(r"([^\W\d_]{3,9})\.? ([0-9]{1,2}),? +([0-9]{4})")
_SIGNS = re.compile(r"([0-9]{4}) ?[年년] ?([0-9]{1,2}) ?[月월] ?([0-9]{1,2}) ?[日일]?")
_SHORT = re.compile(r"(19|20)([0-9]{2})([0-9]{2})([0-9]{2})")
# Days since 1900 by which a spreadsheet stores the dates from 1954 to 2064.
_SERIAL = re.compile(r"[2-5][0-9]{4}(\.[0-9]+)?")
_SERIAL_ORIGIN = datetime.date(1899, 12, 30)
_SAMPLE = 200
_MOST = 0.6
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero gennaio janeiro ene gen janv",
            "feb february februar février fevrier febrero febbraio fevereiro fév fev févr",
            "mar march märz maerz mars marzo março marco mär mrz",
            "apr april avril abril aprile avr abr",
            "may mai mayo maggio maio mag",
            "jun june juni juin junio giugno junho giu",
            "jul july juli juillet julio luglio julho lug juil",
            "aug august août aout agosto ago aoû",
            "sep sept september septembre septiembre settembre setembro set",
            "oct october oktober octobre octubre ottobre outubro okt ott out",
            "nov november novembre noviembre novembro",
            "dec december dezember décembre decembre diciembre dicembre dezembro dez déc dic",
        ),
        1,
    )
    for name in names.split()
}


def order_of(cells: Iterable[str]) -> str:
    """Find which of day and month stands first in dates such as ``3/4/2015``.

    Parameters
    ----------
    cells
        Dates, of one column or of several that one person wrote.

    Returns
    -------
    str
        One of ``ORDERS``; ``either`` where no date is written so, and empty where all of them
        could be both, or they contradict each other.
    """
    firsts, seconds, points = [0], [0], False
    for cell in cells:
        if found := _TWO.fullmatch(cell):
            firsts.append(int(found[1]))
            seconds.append(int(found[2]))
            # Where points separate them, nobody writes the month first.
            points = points or cell[len(found[1])] == "."
    if len(firsts) == 1:
        return "either"
    day, month = max(firsts) > 12 or points, max(seconds) > 12
    if day != month:
        return "day first" if day else "month first"
    return ""


def as_date(cell: str, order: str) -> datetime.date | None:
    """Read a date.

    Parameters
    ----------
    cell
        Such as ``2015-03-02``, ``2.3.2015``, ``2 Mar 2015``, ``2015年3月2日``, or the number by
        which a spreadsheet stores it.
    order
        Which comes first in ``2/3/2015``, one of ``ORDERS``.

    Returns
    -------
    datetime.date or None
        None where it is no date.
    """
    if found := _ISO.fullmatch(cell) or _SIGNS.fullmatch(cell):
        parts = (int(found[1]), int(found[2]), int(found[3]))
    elif found := _TWO.fullmatch(cell):
        first, second = int(found[1]), int(found[2])
        month, day = (first, second) if order == "month first" else (second, first)
        parts = (int(found[3]), month, day)
    elif (found := _NAMED.fullmatch(cell)) and found[2].casefold() in _MONTHS:
        parts = (int(found[3]), _MONTHS[found[2].casefold()], int(found[1]))
    elif (found := _NAMED_FIRST.fullmatch(cell)) and found[1].casefold() in _MONTHS:
        parts = (int(found[3]), _MONTHS[found[1].casefold()], int(found[2]))
    elif found := _SHORT.fullmatch(cell):
        parts = (int(found[1] + found[2]), int(found[3]), int(found[4]))
    elif _SERIAL.fullmatch(cell):
        return _SERIAL_ORIGIN + datetime.timedelta(days=int(float(cell)))
    else:
        return None
    try:
        return datetime.date(*parts)
    except ValueError:
        return None


def looks_like_dates(cells: pd.Series) -> bool:
    """Whether most of the filled cells are dates written as such, numbers apart."""
    different = cells[cells != ""].unique()[: 5 * _SAMPLE]
    filled = [cell for cell in different if not _SERIAL.fullmatch(cell)][:_SAMPLE]
    return any(
        sum(as_date(cell, order) is not None for cell in filled) > _MOST * len(filled)
        for order in ORDERS
    )
