"""Looking at each distinct text once gives what looking at each cell gives."""

import re

import numpy as np
import pandas as pd
import pytest

from reanalysis.cohort.delimited import read_delimited
from reanalysis.cohort.distinct import for_each_value
from reanalysis.cohort.grid import MAX_CELL
from reanalysis.cohort.validation import examine
from reanalysis.core.errors import UnreadableFile


def test_each_text_is_asked_about_once_and_the_answers_are_in_the_order_of_the_cells() -> None:
    cells = pd.Series(["b", "a", "b", "", "a"], index=[5, 3, 9, 1, 7], name="x")
    asked = []
    found = for_each_value(cells, lambda cell: asked.append(cell) or len(cell), np.int64)
    pd.testing.assert_series_equal(found, cells.map(len))
    assert asked == ["b", "a", ""]


@pytest.mark.parametrize(
    "cell",
    ["1", "-1", "+.5", "5.", "1e3", "1e999", "1_0", "nan", "inf", "٣", "1 2", "0x1", "1e", "."],
)
def test_a_cell_is_a_number_where_its_signs_are_those_of_one(cell: str) -> None:
    cells = {"patient_id": ["A", "B"], "follow_up_months": [cell, "2"], "death": ["0", "1"]}
    examined = examine(pd.DataFrame(cells, dtype=object))
    is_number = re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", cell, re.ASCII)
    value = examined.typed["follow_up_months"].iloc[0]
    assert (value == float(cell)) if is_number else np.isnan(value)


def test_a_row_is_refused_for_what_stands_in_it_and_not_above_it() -> None:
    long = "x" * (MAX_CELL + 1)
    lines = ["patient_id,note", *(f"P{i},same" for i in range(5)), f"P5,{long}", "P6,same"]
    with pytest.raises(UnreadableFile, match="In row 7 "):
        read_delimited("\n".join(lines).encode())
