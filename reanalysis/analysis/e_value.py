"""How strong something unmeasured would have to be to explain an association away."""

import numpy as np


def e_value(ratio: float, limit: float | None = None, common: bool = False) -> tuple[float, float]:
    """Give the E-value of a hazard or risk ratio, and of the limit of its interval.

    The smallest risk ratio that an unmeasured confounder would need both with the exposure and
    with the outcome, beyond what is in the model, to move the ratio to 1 (VanderWeele & Ding, Ann
    Intern Med 2017; 167: 268-274).

    Parameters
    ----------
    ratio
        The estimate, above 0.
    limit
        The limit of its interval that is nearer to 1; without it its E-value is nan.
    common
        Whether more than about 15 % have the event, so that a hazard ratio is not near a risk
        ratio: it is first turned into one, ``(1 - 0.5^sqrt(h)) / (1 - 0.5^sqrt(1/h))``.

    Returns
    -------
    tuple of float
        Both at least 1; that of the limit is 1 where the interval holds 1.

    Raises
    ------
    ValueError
        If a ratio is not above 0, or the limit lies beyond the ratio.
    """
    if ratio <= 0 or (limit is not None and limit <= 0):
        raise ValueError("a ratio is above 0")
    if limit is not None and abs(np.log(limit)) > abs(np.log(ratio)) and _same_side(ratio, limit):
        raise ValueError("the limit nearer to 1 is asked for, not the one beyond the ratio")
    first = _of_risk_ratio(_risk_ratio(ratio) if common else ratio)
    if limit is None:
        return first, float("nan")
    if not _same_side(ratio, limit):
        return first, 1.0
    return first, _of_risk_ratio(_risk_ratio(limit) if common else limit)


def _same_side(ratio: float, limit: float) -> bool:
    return (ratio - 1) * (limit - 1) > 0


def _risk_ratio(hazard_ratio: float) -> float:
    return float((1 - 0.5 ** np.sqrt(hazard_ratio)) / (1 - 0.5 ** np.sqrt(1 / hazard_ratio)))


def _of_risk_ratio(ratio: float) -> float:
    above = max(ratio, 1 / ratio)
    return float(above + np.sqrt(above * (above - 1)))
