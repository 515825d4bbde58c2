"""What printed rows imply: the coefficients in use print as the rows that they come from."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from reanalysis.core.formatting import p_value, rounded
from reanalysis.paper.implied import feasible, published_coefficients
from reanalysis.paper.study import MODELLED, MULTIVARIABLE
from reanalysis.paper.targets import PublishedRow, published_rows

ROWS = {row.key: row for row in published_rows()}
USED = [(e, term) for e in MODELLED for term in MULTIVARIABLE[e.key]]


def printed(coef: float, se: float) -> tuple[str, ...]:
    limits = (math.exp(coef + side * 1.959963984540054 * se) for side in (0, -1, 1))
    p = 2 * NormalDist().cdf(-abs(coef) / se)
    # The paper's '<0.001' is read as below 0.0005 (see printed_interval).
    return *(rounded(value, 2) for value in limits), p_value(p)


@pytest.mark.parametrize("key", ROWS)
def test_the_centre_prints_as_the_row(key):
    row = ROWS[key]
    assert printed(*feasible(row).centre) == row.strings


@pytest.mark.parametrize(("endpoint", "term"), USED)
def test_each_coefficient_in_use_prints_as_its_row(endpoint, term):
    row = published_coefficients(endpoint).loc[term.column]
    assert printed(row["coef"], row["se"]) == ROWS[endpoint.row_id("multivariable", term)].strings


def test_the_printed_ratio_and_width_alone_would_print_something_else():
    row = ROWS["OS.m.bed"]
    ratio, lower, upper = (math.log(float(text)) for text in row.strings[:3])
    assert printed(ratio, (upper - lower) / (2 * 1.959963984540054))[3] != row.p


def test_a_row_that_no_estimate_prints_as_has_no_centre():
    region = feasible(PublishedRow("none", "2.00", "1.50", "1.60", "0.500"))
    assert not region.agrees
    assert np.isnan(region.centre).all() and np.isnan(region.coefficient.low)


def test_the_region_holds_its_centre():
    for row in ROWS.values():
        region = feasible(row)
        assert region.centre[0] in region.coefficient
        assert region.centre[1] in region.standard_error
