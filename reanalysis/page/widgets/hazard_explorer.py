"""The hazard explorer."""

from functools import cache
from typing import Any

import pandas as pd
import traitlets

from reanalysis.analysis.prediction import ENDPOINTS, CoxModel
from reanalysis.cohort.loading import load_cohort
from reanalysis.core import paths
from reanalysis.core.dose import bed_gy
from reanalysis.page.widgets.base import BookWidget, module
from reanalysis.page.widgets.payload import payload
from reanalysis.page.widgets.still import explorer_still
from reanalysis.paper.register import published
from reanalysis.paper.study import (
    AFP,
    ALPHA_BETA,
    ANY_CR,
    BCLC,
    CHILD_PUGH,
    RATE_MONTH,
    RATE_MONTHS,
    REGIMENS,
    Term,
)

PATIENT = (
    "tumor_size_cm",
    "total_dose_gy",
    "fractions",
    "alpha_beta",
    "prior_sessions",
    "child_pugh_class",
    "bclc_stage",
    "afp_group",
    "any_cr",
)
_FREQUENT = max(REGIMENS, key=lambda r: int(published(f"{r.patients_id}.n")))
_LEVELS = {term.column: term.recorded_levels for term in (CHILD_PUGH, BCLC, AFP, ANY_CR)}
# The paper's medians, its most frequent regimen, and the reference level of each term.
_TYPICAL: dict[str, Any] = {
    "tumor_size_cm": float(published("size.median")),
    "total_dose_gy": float(_FREQUENT.total_dose_gy),
    "fractions": _FREQUENT.fractions,
    "alpha_beta": ALPHA_BETA,
    "prior_sessions": int(published("nsess.median")),
    **{column: reference for column, (reference, *_) in _LEVELS.items()},
}


def _level(term: Term) -> Any:
    """Return the trait of a term with levels, which starts at the reference."""
    allowed = _LEVELS[term.column]
    return traitlets.Enum(allowed, allowed[0]).tag(sync=True)


class HazardExplorer(BookWidget):
    """How tumour size and BED shift the hazards of local failure and death.

    Parameters
    ----------
    cohort
        A cohort as ``load_cohort`` gives it. The models are refitted on it,
        and the map shows where its patients are. A model that it cannot give is not offered;
        the widget says why.
    anchor
        The cohort that stands for the paper's patients where the paper prints no baseline; the
        synthetic cohort by default.
    handout
        File name of a page of its own, which the site writes beside the page of this explorer and
        which the explorer links to; empty for none.
    name
        Name of this explorer in links and file names; different for each on one page.
    **settings
        Initial values of the traits, and of ``bed10_gy`` or ``regimen``.

    Attributes
    ----------
    tumor_size_cm, total_dose_gy, fractions, alpha_beta, prior_sessions
        Numbers of this patient, in cm and Gy.
    child_pugh_class, bclc_stage, afp_group, any_cr
        Levels of this patient, as the cohort spells them.
    reference
        The patient to compare with: a dict of the same names. Setting part of them keeps the
        rest.
    source
        ``paper`` or ``cohort``: where the hazard ratios come from.
    outcome, month
        What the map and the icons show: ``local_failure`` or ``death``, at 12, 24 or 36 months.

    Examples
    --------
    >>> explorer = HazardExplorer(load_cohort())
    >>> explorer.tumor_size_cm = 3.1
    >>> explorer.regimen = "60/4"
    >>> explorer.reference = {"bed10_gy": 112.5}
    >>> explorer.hazard_ratio("death")
    """

    _esm = module("explorer.js")
    SETTINGS = (*PATIENT, "source", "outcome", "month", "reference")

    tumor_size_cm = traitlets.Float(_TYPICAL["tumor_size_cm"] + 1).tag(sync=True)
    total_dose_gy = traitlets.Float(_TYPICAL["total_dose_gy"], min=1.0).tag(sync=True)
    fractions = traitlets.Int(_TYPICAL["fractions"], min=1).tag(sync=True)
    alpha_beta = traitlets.Float(ALPHA_BETA, min=0.1).tag(sync=True)
    prior_sessions = traitlets.Int(_TYPICAL["prior_sessions"], min=0).tag(sync=True)
    child_pugh_class = _level(CHILD_PUGH)
    bclc_stage = _level(BCLC)
    afp_group = _level(AFP)
    any_cr = _level(ANY_CR)
    source = traitlets.Enum(("paper", "cohort"), "paper").tag(sync=True)
    outcome = traitlets.Enum(tuple(ENDPOINTS), next(iter(ENDPOINTS))).tag(sync=True)
    month = traitlets.Enum(RATE_MONTHS, RATE_MONTH).tag(sync=True)
    reference = traitlets.Dict(dict(_TYPICAL)).tag(sync=True)

    def __init__(
        self,
        cohort: pd.DataFrame,
        *,
        anchor: pd.DataFrame | None = None,
        handout: str = "",
        name: str = "explorer",
        **settings: Any,
    ) -> None:
        if anchor is None:
            anchor = _synthetic_cohort()
        self.models: dict[str, dict[str, CoxModel]]
        data, self.models = payload(cohort, anchor)
        data["handout"] = handout
        derived = {k: settings.pop(k) for k in list(settings) if k in ("bed10_gy", "regimen")}
        super().__init__(data, name, **settings)
        for key, value in derived.items():
            setattr(self, key, value)
        self._initial = self.settings

    @property
    def patient(self) -> dict[str, Any]:
        """The settings of this patient, with the BED."""
        return {key: getattr(self, key) for key in PATIENT} | {"bed10_gy": self.bed10_gy}

    @property
    def bed10_gy(self) -> float:
        """BED of this patient in Gy; setting it changes the total dose."""
        return _bed({key: getattr(self, key) for key in PATIENT})

    @bed10_gy.setter
    def bed10_gy(self, value: float) -> None:
        self.total_dose_gy = _dose_for_bed(value, self.fractions, self.alpha_beta)

    @property
    def regimen(self) -> str:
        """Total dose in Gy and fractions, as in ``'45/3'``."""
        return f"{self.total_dose_gy:g}/{self.fractions}"

    @regimen.setter
    def regimen(self, value: str) -> None:
        dose, fractions = value.split("/")
        with self.hold_trait_notifications():
            self.total_dose_gy, self.fractions = float(dose), int(fractions)
            self.alpha_beta = ALPHA_BETA

    def pin(self) -> None:
        """Make this patient the reference."""
        self.reference = {key: getattr(self, key) for key in PATIENT}

    def model(self, outcome: str) -> CoxModel:
        """Return the model in use for an outcome."""
        return self.models[self.source][outcome]

    def hazard_ratio(self, outcome: str) -> tuple[float, float, float]:
        """Hazard ratio of this patient against the reference, with its 95 % limits."""
        return self.model(outcome).hazard_ratio(self.patient, self._reference)

    def survival(self, outcome: str) -> pd.DataFrame:
        """Predicted survival of this patient: ``survival``, ``lower``, ``upper`` by month."""
        return self.model(outcome).survival(self.patient)

    def still(self) -> str:
        """Return the figure and the table of typical settings, as HTML."""
        return explorer_still(self.models[self.source], self.patient, self._reference)

    @property
    def _reference(self) -> dict[str, Any]:
        return {**self.reference, "bed10_gy": _bed(self.reference)}

    @traitlets.validate("source")
    def _source_offered(self, proposal: Any) -> str:
        if proposal["value"] not in self._data["models"]:
            reasons = " ".join(self._data["gaps"][proposal["value"]].values())
            raise traitlets.TraitError(f"no model from this source. {reasons}")
        return str(proposal["value"])

    @traitlets.validate("tumor_size_cm", "prior_sessions")
    def _in_range(self, proposal: Any) -> float:
        name, value = proposal["trait"].name, proposal["value"]
        low, high = self._data["numbers"][name]["range"]
        if not low <= value <= high:
            raise traitlets.TraitError(f"{name} must be from {low:g} to {high:g}, not {value:g}")
        return value  # type: ignore[no-any-return]

    @traitlets.validate("reference")
    def _complete_reference(self, proposal: Any) -> dict[str, Any]:
        given = dict(proposal["value"])
        value = given.pop("bed10_gy", None)
        unknown = set(given) - set(PATIENT)
        if unknown:
            raise traitlets.TraitError(f"reference has no {', '.join(sorted(unknown))}")
        result = {**_TYPICAL, **self.reference, **given}
        if value is not None:
            result["total_dose_gy"] = _dose_for_bed(
                value, result["fractions"], result["alpha_beta"]
            )
        return result

    def __repr__(self) -> str:
        # Stable, because it is stored in the committed notebooks.
        return f"HazardExplorer(tumor_size_cm={self.tumor_size_cm:g}, regimen={self.regimen!r})"


@cache
def _synthetic_cohort() -> pd.DataFrame:
    return load_cohort(paths.SYNTHETIC_COHORT)


def _bed(patient: dict[str, Any]) -> float:
    value: float = bed_gy(patient["total_dose_gy"], patient["fractions"], patient["alpha_beta"])
    return value


def _dose_for_bed(value: float, fractions: int, alpha_beta: float) -> float:
    """Total dose that gives a BED: the positive root of ``D + D² / (n α/β) = BED``."""
    half = fractions * alpha_beta / 2
    dose: float = half * ((1 + 4 * value / (fractions * alpha_beta)) ** 0.5 - 1)
    # The regimens should come back as they went in: 45, not 44.99999999999999.
    return round(dose, 9)
