"""The p value of a search over cut-points, corrected for the search."""

import numpy as np

# Cut-points that leave at least this share of the patients on either side.
TAIL = 0.1


def corrected_p(smallest: float, tail: float = TAIL) -> float:
    """Correct the smallest p of a search over cut-points.

    The approximation of Miller & Siegmund (Biometrics 1982; 38: 1011-1016) for a maximally
    selected chi-square, as Lausen & Schumacher (Biometrics 1992; 48: 73-85) use it for the
    log-rank test.

    Parameters
    ----------
    smallest
        Smallest p value of the search.
    tail
        Share of the patients that every cut-point leaves on either side.

    Returns
    -------
    float
        The probability, without any association, of a p value as small somewhere in the
        search; it is meant for values up to about 0.1 and never above 1.
    """
    from scipy.stats import norm  # here: it takes half a second, which few pages need

    z = norm.isf(smallest / 2)
    if z <= 1:
        return 1.0
    corrected = 4 * norm.pdf(z) / z
    corrected += norm.pdf(z) * (z - 1 / z) * 2 * np.log((1 - tail) / tail)
    return float(min(1.0, corrected))
