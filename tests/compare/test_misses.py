"""Of a regression number that is not the printed one it is said which part is off."""

import numpy as np
import pytest

from reanalysis.compare.misses import why_it_differs
from reanalysis.core.constants import Z_95
from reanalysis.paper.implied import feasible
from reanalysis.paper.targets import published_rows

# Death by Child-Pugh class, univariable, is printed as 3.98 (2.29 to 6.92).
COEFFICIENT = float(np.log(3.98))
STANDARD_ERROR = float(np.log(6.92 / 2.29) / (2 * Z_95))
BOX = feasible(next(row for row in published_rows() if row.key == "OS.u.cp"))


def test_a_wider_interval() -> None:
    remark = why_it_differs("OS.u.cp.hi", COEFFICIENT, 1.1 * STANDARD_ERROR)
    assert "log ratio" not in remark
    amount = float(remark.split("the standard error is ")[1].split(" %")[0])
    assert remark.endswith("larger")
    # A tenth of 1.1, less what rounding leaves free.
    assert 8.5 < amount < 100 / 11


def test_a_lower_ratio() -> None:
    remark = why_it_differs("OS.u.cp.HR", COEFFICIENT - STANDARD_ERROR, STANDARD_ERROR)
    amount, unit = remark.removeprefix("the log ratio is ").split(" ", 1)
    assert unit == "standard errors lower"
    assert float(amount) == pytest.approx(1, abs=0.02)


def test_a_trifle_is_told_in_words() -> None:
    remark = why_it_differs("OS.u.cp.HR", BOX.coefficient.low - 1e-4, STANDARD_ERROR)
    assert "e-0" not in remark
    assert remark.startswith("the log ratio is less than 0.001 standard errors lower")


def test_two_that_do_not_go_together() -> None:
    # Each is found with some partner: a large log ratio, but not with as large an error.
    corner = BOX.coefficient.high, BOX.standard_error.high
    assert "not together" in why_it_differs("OS.u.cp.p", *corner)


def test_only_regression_rows() -> None:
    with pytest.raises(KeyError):
        why_it_differs("age.median", 0.0, 1.0)
