"""What the tests of the cohort and those of the search both go by."""

from typing import Any

import numpy as np


def half_up(value: float, decimals: int) -> str:
    return f"{np.floor(value * 10**decimals + 0.5 + 1e-9) / 10**decimals:.{decimals}f}"


def failures_come_apart(days: Any) -> bool:
    """Whether at most four of the sorted days lie within 60."""
    return all(days[i + 4] - days[i] >= 60 for i in range(len(days) - 4))
