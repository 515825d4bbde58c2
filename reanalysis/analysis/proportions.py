"""Proportions with exact confidence limits."""

from reanalysis.core.errors import NotEstimable


def exact_interval(count: int, total: int, level: float = 0.95) -> tuple[float, float]:
    """Exact confidence limits of a proportion (Clopper & Pearson, Biometrika 1934; 26: 404-413).

    Parameters
    ----------
    count
        Patients with the event.
    total
        Patients.
    level
        Confidence level; each tail holds half of the rest.

    Returns
    -------
    tuple of float
        Lower and upper limit, as fractions of 1. The lower one is 0 if nobody had the event,
        the upper one 1 if everybody had it.

    Raises
    ------
    NotEstimable
        If there is no patient.
    """
    if total == 0:
        raise NotEstimable("no patient is left to take a share of")
    from scipy.stats import binomtest  # here: it takes half a second, which few pages need

    limits = binomtest(int(count), int(total)).proportion_ci(level, method="exact")
    return float(limits.low), float(limits.high)
