"""The published numbers, recomputed from a cohort.

Tables, sentences and the scorecard of the book take their numbers from here, so that a number has
one definition.
"""

from collections.abc import Sequence

import pandas as pd

from reanalysis.analysis.power import ENOUGH
from reanalysis.cohort.policy import policy_of
from reanalysis.compare.fits import Fits
from reanalysis.compare.kinds import as_shown, published_as
from reanalysis.compare.recipes import find
from reanalysis.core.disclosure import HIDDEN, Policy, TooFew
from reanalysis.core.errors import CannotShow, why
from reanalysis.paper.register import fill, placeholders, published, recipe

Value = float | str


class Recomputation(Fits):
    """The published numbers as one cohort gives them.

    Parameters
    ----------
    cohort
        A cohort.
    policy
        What may be shown of it; by default what the cohort itself says. It limits what is given
        as text, not ``value``.

    Examples
    --------
    ``here("km36.LC")`` is the text of one number, ``here.text("{km36.LC} %")`` a template
    filled with such texts, ``here.value("km36.LC")`` the number itself, not rounded.
    """

    def __init__(self, cohort: pd.DataFrame, policy: Policy | None = None) -> None:
        super().__init__(cohort)
        self.policy = policy_of(cohort) if policy is None else policy
        self._values: dict[str, Value | CannotShow] = {}

    def __call__(self, number: str) -> str:
        """Return a number as text: as the paper prints it, or rounded as the policy asks.

        Raises
        ------
        KeyError
            If the register has no such id.
        CannotShow
            If this cohort cannot give the number; ``TooFew`` if it may not be shown.
        """
        value = self.value(number)
        entry, arguments = find(recipe(number))
        if entry.hides(self.cohort, self.policy, value, *arguments):
            raise TooFew(self.policy.smallest)
        if isinstance(value, str):
            return value
        is_p = recipe(number).endswith(" p")
        return as_shown(value, self.policy, published(number), is_p)

    def printed(self, number: str) -> str:
        """Return the published number, rounded as this cohort's is."""
        text = published(number)
        value = self.value(number)
        if isinstance(value, str) or not self.policy.hides:
            return text
        return published_as(value, text, self.policy)

    def text(self, template: str) -> str:
        """Fill a template with this cohort's numbers; see ``register.fill``."""
        return fill(template, self).replace(f"({HIDDEN}–{HIDDEN})", f"({HIDDEN})")

    def obstacles(self, templates: Sequence[str]) -> list[str]:
        """Say why numbers of templates cannot be given.

        Parameters
        ----------
        templates
            Texts with ids in braces.

        Returns
        -------
        list of str
            One sentence about the columns that are missing, and one for each other reason;
            empty where every number can be given.
        """
        reasons = []
        for number in dict.fromkeys(n for template in templates for n in placeholders(template)):
            try:
                self.value(number)
            except CannotShow as reason:
                reasons.append(("", reason))
        return [f"–: {sentence}." for sentence in why(reasons)]

    def value(self, number: str) -> Value:
        """Return a number, not rounded; a statement is its text if it holds.

        Raises
        ------
        KeyError
            If the register has no such id.
        CannotShow
            If this cohort cannot give the number.
        """
        if number not in self._values:
            line = recipe(number)
            entry, arguments = find(line)
            try:
                found = entry.formula(self, *arguments)
            except CannotShow as reason:
                self._values[number] = reason
            else:
                stated = published(number) if found else "does not hold"
                self._values[number] = stated if line.startswith("statement") else found
        value = self._values[number]
        if isinstance(value, CannotShow):
            raise value
        return value

    def says_nothing(self, number: str) -> bool:
        """Whether a number states that nothing was found, and this cohort could hardly find it.

        Raises
        ------
        CannotShow
            If this cohort cannot give the number.
        """
        entry, _ = find(recipe(number))
        return entry.power is not None and entry.power(self) < ENOUGH

    def coefficient(self, number: str) -> tuple[float, float] | None:
        """Return coefficient and standard error of the regression row of a number.

        Returns
        -------
        (float, float) or None
            On the log scale; None for a number of no regression model.

        Raises
        ------
        CannotShow
            If this cohort cannot give the number.
        """
        name, *_ = recipe(number).split() or [""]
        if name not in ("cox", "odds"):
            return None
        entry, arguments = find(recipe(number))
        row = arguments[:-1]
        return entry.formula(self, *row, "coef"), entry.formula(self, *row, "se")
