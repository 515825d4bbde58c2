"""Two small groups of patients with their Kaplan-Meier estimates worked out by hand.

And what reads a drawing back into months and percent: from the axes of Matplotlib, from the path of
an SVG. None of it uses the code that draws.
"""

import math
import re
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

Corner = tuple[float, float]

# Of A, 8 patients: 7 of 8 survive month 2, 4 of 6 month 6 (two died), 2 of 3 month 12.
A = pd.DataFrame(
    {"months": [2.0, 4, 6, 6, 9, 12, 12, 20], "event": [1, 0, 1, 1, 0, 1, 0, 0]},
    index=[f"a{i}" for i in range(8)],
)
A_SURVIVAL = {0: 1.0, 2: 7 / 8, 6: 7 / 8 * 4 / 6, 12: 7 / 8 * 4 / 6 * 2 / 3}
A_CENSORED = {4.0: 7 / 8, 9.0: 7 / 12, 12.0: 7 / 18, 20.0: 7 / 18}
A_END = 20.0
# Greenwood's sums, events / (at risk * (at risk - events)).
A_GREENWOOD = {2: 1 / (8 * 7), 6: 1 / 56 + 2 / (6 * 4), 12: 1 / 56 + 2 / 24 + 1 / (3 * 2)}

# Of B, 5 patients: 3 of 4 survive month 5, 2 of 3 month 8, nobody month 10.
B = pd.DataFrame(
    {"months": [3.0, 5, 8, 10, 10], "event": [0, 1, 1, 1, 1]}, index=[f"b{i}" for i in range(5)]
)
B_SURVIVAL = {0: 1.0, 5: 3 / 4, 8: 1 / 2, 10: 0.0}
B_CENSORED = {3.0: 1.0}
B_END = 10.0

MONTHS = (0, 6, 12, 18)
A_AT_RISK = ["8", "6", "3", "1"]  # T >= 6: 6, 6, 9, 12, 12, 20; T >= 12: 12, 12, 20
B_AT_RISK = ["5", "3", "0", "0"]

# Cumulative incidence in A if the patient who left at month 4 died and the one at 9 did, too: at
# risk 8, 7, 6, 4 and 3; free of both 7/8, 6/8, 4/8, 3/8 and 2/8.
A_DIED = pd.Series([0, 1, 0, 0, 1, 0, 0, 0], index=A.index)
A_INCIDENCE = {0: 0.0, 2: 1 / 8, 6: 1 / 8 + 6 / 8 * 2 / 6, 12: 1 / 8 + 2 / 8 + 3 / 8 / 3}


def log_log(survival: float, greenwood: float, sign: int) -> float:
    """Give a 95 % limit of a survival probability: the lower with sign 1, the upper with -1."""
    width = 1.959963984540054 * math.sqrt(greenwood) / abs(math.log(survival))
    return float(survival ** math.exp(sign * width))


A_LOWER = {0: 1.0} | {m: log_log(A_SURVIVAL[m], v, 1) for m, v in A_GREENWOOD.items()}
A_UPPER = {0: 1.0} | {m: log_log(A_SURVIVAL[m], v, -1) for m, v in A_GREENWOOD.items()}


def staircase(steps: dict[int, float], end: float, scale: float = 100.0) -> list[Corner]:
    """List the corners of a curve that keeps each value until the month of the next."""
    corners: list[Corner] = []
    for month, value in steps.items():
        if corners:
            corners.append((float(month), corners[-1][1]))
        corners.append((float(month), scale * value))
    if end > corners[-1][0]:
        corners.append((float(end), corners[-1][1]))
    return corners


def complement(steps: dict[int, float]) -> dict[int, float]:
    return {month: 1 - value for month, value in steps.items()}


def corners(x: Iterable[float], y: Iterable[float]) -> list[Corner]:
    """Keep of a line's points those at which it turns."""
    points: list[Corner] = []
    for point in zip(map(float, x), map(float, y), strict=True):
        if points and np.allclose(points[-1], point, atol=1e-9):
            continue
        if len(points) > 1 and _between(points[-2], points[-1], point):
            points.pop()
        points.append(point)
    return points


def outline(lower: Sequence[Corner], upper: Sequence[Corner]) -> list[Corner]:
    """List the corners of the area between two curves: along the upper, back along the lower."""
    there = [*upper, *reversed(lower)]
    return corners([x for x, _ in there], [y for _, y in there])


def ring(points: Iterable[Corner], digits: int = 6) -> list[Corner]:
    """Make two closed outlines comparable, wherever they begin and which way they go."""
    return sorted({(round(x, digits), round(y, digits)) for x, y in points})


def svg_points(path: str) -> list[Corner]:
    """Read the points of an SVG path of straight lines: M, L, H, V and Z."""
    points: list[Corner] = []
    for command, numbers in re.findall(r"([MLHVZz])([^MLHVZz]*)", path):
        values = [float(v) for v in re.findall(r"-?[\d.]+(?:e-?\d+)?", numbers)]
        if command in "ML":
            points += list(zip(values[::2], values[1::2], strict=True))
        elif command == "H":
            points += [(value, points[-1][1]) for value in values]
        elif command == "V":
            points += [(points[-1][0], value) for value in values]
    return points


def product_limit(times: pd.DataFrame, month: float) -> float:
    """Estimate the survival at a month, patient by patient."""
    survival = 1.0
    for at in sorted(set(times.loc[times["event"] == 1, "months"])):
        if at <= month:
            here = times["months"] >= at
            failed = (times["months"] == at) & (times["event"] == 1)
            survival *= 1 - failed.sum() / here.sum()
    return survival


def _between(first: Corner, middle: Corner, last: Corner) -> bool:
    """Whether a point lies on the straight way from one to the next, and not beyond."""
    (ax, ay), (bx, by), (cx, cy) = first, middle, last
    aside = abs((bx - ax) * (cy - ay) - (by - ay) * (cx - ax)) < 1e-9
    return aside and (bx - ax) * (cx - bx) + (by - ay) * (cy - by) >= 0
