"""What a printed percentage says about the count behind it."""

from reanalysis.core.formatting import percent


def counts_behind(printed: str, whole: int) -> list[int]:
    """Find the counts that print as a given percentage.

    Parameters
    ----------
    printed
        The percentage as printed, without its sign; its decimals are the precision.
    whole
        Number of patients that it is a percentage of.

    Returns
    -------
    list of int
        Every count from 0 to ``whole`` whose percentage, rounded half up, reads ``printed``.
        Empty where no count does: then the percentage is of another whole, or misprinted.

    Raises
    ------
    ValueError
        If ``whole`` is not positive or ``printed`` not a number.
    """
    if whole < 1:
        raise ValueError(f"a percentage needs at least one patient, not {whole}")
    float(printed)
    decimals = len(printed.partition(".")[2])
    return [n for n in range(whole + 1) if percent(n, whole, decimals) == printed]


def printable_percentages(whole: int, decimals: int = 1) -> int:
    """Count the different percentages that a whole can print at all.

    Parameters
    ----------
    whole
        Number of patients.
    decimals
        Digits after the point.

    Returns
    -------
    int
        At most ``whole + 1``, out of ``100 * 10**decimals + 1`` that can be written.
    """
    return len({percent(n, whole, decimals) for n in range(whole + 1)})
