"""What is said of a value is worked out once: a column of a hundred thousand rows holds few.

A test of every cell is what reading a large file would spend its time on.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd


def for_each_value(
    cells: pd.Series, function: Callable[[str], object], dtype: type[np.generic]
) -> pd.Series:
    """Call a function once for each distinct cell of a column.

    Parameters
    ----------
    cells
        Texts, shape (n,).
    function
        What is asked of one; it must give the same for the same text.
    dtype
        NumPy's type of what it gives.

    Returns
    -------
    pandas.Series
        What it gives for each cell, on the same index.
    """
    codes, distinct = pd.factorize(cells)
    answers = np.fromiter(map(function, distinct), dtype=dtype, count=len(distinct))
    return pd.Series(answers[codes], cells.index, name=cells.name)
