"""What may be shown of a cohort. It travels with the cohort: no setting of the process decides it.

A cohort carries its policy in ``attrs``, which pandas hands on to what is selected from it. A frame
that carries none is taken for one about patients: what nobody has cleared is hidden.
"""

import tomllib
from functools import cache
from pathlib import Path

import pandas as pd

from reanalysis.core import paths
from reanalysis.core.disclosure import MADE_UP, Policy

_KEY = "policy"


def is_private(path: Path | str) -> bool:
    """Whether a file may hold patients: every one but the synthetic cohort."""
    return Path(path).resolve() != paths.SYNTHETIC_COHORT


def policy_for(path: Path | str) -> Policy:
    """Give the policy of a cohort file.

    Raises
    ------
    ValueError
        As ``private_policy``.
    """
    return private_policy() if is_private(path) else MADE_UP


def policy_of(table: pd.DataFrame | pd.Series) -> Policy:
    """Give the policy that a table carries; that of private cohorts if it carries none."""
    policy = table.attrs.get(_KEY)
    return policy if isinstance(policy, Policy) else private_policy()


def with_policy(table: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Return a shallow copy of a table that carries a policy."""
    result = table.copy(deep=False)
    result.attrs = {**table.attrs, _KEY: policy}
    return result


@cache
def private_policy(path: Path = paths.PRIVACY) -> Policy:
    """Read the policy of private cohorts.

    Parameters
    ----------
    path
        The TOML file; the project's own by default.

    Raises
    ------
    ValueError
        If it does not give a whole number of at least 0 as ``smallest_cell``, or none from 1 to
        that as ``round_to``.
    """
    settings = tomllib.loads(path.read_text(encoding="utf-8"))
    smallest = settings["smallest_cell"]
    if type(smallest) is not int or smallest < 0:
        raise ValueError(f"smallest_cell in {path.name} is {smallest!r}: expected a whole number")
    if not smallest:
        return MADE_UP
    multiple = settings["round_to"]
    if type(multiple) is not int or not 1 <= multiple <= smallest:
        expected = f"a whole number from 1 to smallest_cell, which is {smallest}"
        raise ValueError(f"round_to in {path.name} is {multiple!r}: expected {expected}")
    return Policy(smallest, multiple)
