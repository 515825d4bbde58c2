"""What is fitted once for a cohort and used by many published numbers."""

from functools import cached_property

import pandas as pd

from reanalysis.analysis import regression, response
from reanalysis.analysis.regression import Regression
from reanalysis.analysis.survival import SurvivalCurve, event_times, kaplan_meier
from reanalysis.cohort.columns import missing
from reanalysis.core.errors import CannotShow, NotEstimable
from reanalysis.paper.study import ENDPOINTS


class Fits:
    """The curves and models of one cohort, each fitted when it is first asked for.

    Parameters
    ----------
    cohort
        A cohort.
    """

    def __init__(self, cohort: pd.DataFrame) -> None:
        self.cohort = cohort
        self._known: dict[str, pd.Series] = {}
        self._curves: dict[str, SurvivalCurve] = {}
        self._univariable: dict[str, dict[str, Regression | CannotShow]] = {}
        self._multivariable: dict[str, Regression | CannotShow] = {}

    def known(self, column: str) -> pd.Series:
        """Return the values of a column that are not blank; at least one.

        Raises
        ------
        NotRecorded, NotEstimable
            If there is no such column, or nothing in it.
        """
        if column not in self._known:
            missing(self.cohort, column)
            self._known[column] = self.cohort[column].dropna()
        if self._known[column].empty:
            raise NotEstimable(f"{column} is blank in every patient")
        return self._known[column]

    def curve(self, endpoint: str) -> SurvivalCurve:
        """Return the Kaplan-Meier estimate of an endpoint."""
        if endpoint not in self._curves:
            self._curves[endpoint] = kaplan_meier(event_times(self.cohort, ENDPOINTS[endpoint]))
        return self._curves[endpoint]

    def univariable(self, endpoint: str) -> dict[str, Regression | CannotShow]:
        """Return the univariable Cox models of an endpoint, by column."""
        if endpoint not in self._univariable:
            models = regression.univariable(self.cohort, ENDPOINTS[endpoint])
            self._univariable[endpoint] = models
        return self._univariable[endpoint]

    def multivariable(self, endpoint: str) -> Regression:
        """Return the multivariable Cox model of an endpoint."""
        if endpoint not in self._multivariable:
            try:
                self._multivariable[endpoint] = regression.multivariable(
                    self.cohort, ENDPOINTS[endpoint], self.univariable(endpoint)
                )
            except CannotShow as reason:
                self._multivariable[endpoint] = reason
        model = self._multivariable[endpoint]
        if isinstance(model, CannotShow):
            raise model
        return model

    @cached_property
    def response_models(self) -> dict[str, Regression | CannotShow]:
        """The univariable logistic models of not reaching CR, by column."""
        return response.logistic_models(self.cohort)
