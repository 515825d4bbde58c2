"""What the tests of the cohort and those of the search both go by."""

from typing import Any

import numpy as np


def half_up(value: float, decimals: int) -> str:
    return f"{np.floor(value * 10**decimals + 0.5 + 1e-9) / 10**decimals:.{decimals}f}"


def failures_come_apart(days: Any) -> bool:
    """Whether at most five of the sorted days lie within 60, and after 36 months at most three."""
    return all(
        days[i + most] - days[i] >= 60
        for most, after in ((5, 0), (3, 1095))
        for i in range(len(days) - most)
        if days[i + most] > after
    )
