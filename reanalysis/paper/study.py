"""The study: its endpoints, the variables of its models, its regimens, limits and criteria.

What another paper would have otherwise stands here, in ``data/`` and in the notebooks.
"""

from dataclasses import dataclass

ALPHA = 0.05  # below it the paper calls a p value significant


@dataclass(frozen=True)
class Endpoint:
    """A time-to-event endpoint of the paper.

    Attributes
    ----------
    key
        Its name in code.
    label
        Its name in prose.
    short
        Its abbreviation.
    event
        Column that is 1 where the event happened.
    months
        Column with the months to the event.
    censored_by
        Columns with months that end observation early.
    """

    key: str
    label: str
    short: str
    event: str
    months: str
    censored_by: tuple[str, ...] = ()


# Deaths are censored in all but overall survival, as the paper's figures imply: 82.5 % free
# of distant metastasis at 3 years exceeds the 72.7 % alive.
LOCAL_CONTROL = Endpoint(
    "local_control",
    "Local control",
    "LC",
    "local_failure",
    "local_failure_months",
    censored_by=("transplant_months",),
)

OVERALL_SURVIVAL = Endpoint(
    "overall_survival", "Overall survival", "OS", "death", "follow_up_months"
)

INTRAHEPATIC_RFS = Endpoint(
    "intrahepatic_rfs",
    "Intrahepatic recurrence-free survival",
    "IHRFS",
    "intrahepatic_recurrence",
    "intrahepatic_recurrence_months",
)

DISTANT_MFS = Endpoint(
    "distant_mfs",
    "Distant metastasis-free survival",
    "DMFS",
    "distant_metastasis",
    "distant_metastasis_months",
)

ENDPOINTS = {e.key: e for e in (LOCAL_CONTROL, OVERALL_SURVIVAL, INTRAHEPATIC_RFS, DISTANT_MFS)}

ENTRY_P = 0.2  # a variable enters the multivariable model below this univariable p value

REMOVAL_P = 0.1  # and leaves it, in backward elimination, from this one on (SPSS's default)


@dataclass(frozen=True)
class Term:
    """A row of the regression tables.

    Attributes
    ----------
    column
        Column of the cohort: a number, or two levels of which the first is the reference.
    label
        As the paper prints it.
    published
        The name of the row in the register of published numbers.
    levels
        The two levels as the paper prints them, the reference first; empty for a number.
    per
        The unit that a hazard ratio is per, for a number.
    """

    column: str
    label: str
    published: str
    levels: tuple[str, ...] = ()
    per: str = ""

    @property
    def contrast(self) -> str:
        """What a ratio of it compares, such as ``'Child-Pugh class: B against A'``."""
        if self.levels:
            reference, level = self.levels
            return f"{self.label}: {level} against {reference}"
        return f"{self.label}, per {self.per}"


AGE = Term("age", "Age", "age", per="year")

ECOG = Term("ecog_group", "ECOG PS", "ps", ("0", "1–2"))

CHILD_PUGH = Term("child_pugh_class", "Child-Pugh class", "cp", ("A", "B"))

ETIOLOGY = Term("etiology_group", "Etiology", "etio", ("HBV", "Others"))

BCLC = Term("bclc_stage", "BCLC stage", "bclc", ("0", "A"))

SIZE = Term("tumor_size_cm", "Tumor size", "size", per="cm")

AFP = Term("afp_group", "Alpha-fetoprotein", "afp", ("≤ 20 ng/mL", "> 20 ng/mL"))

SESSIONS = Term("prior_sessions", "Number of prior treatment sessions", "nsess", per="session")

BED = Term("bed10_gy", "BED", "bed", per="Gy10")

CR_3_MONTHS = Term("cr_by_3_months", "CR at 3 months", "cr3", ("Yes", "No"))

ANY_CR = Term("any_cr", "anyCR", "anycr", ("Yes", "No"))

# The rows of Tables 2 and 3, in the paper's order.
TERMS = (AGE, ECOG, CHILD_PUGH, ETIOLOGY, BCLC, SIZE, AFP, SESSIONS, BED, CR_3_MONTHS, ANY_CR)

TERM_BY_COLUMN = {term.column: term for term in TERMS}

# What the multivariable columns of the paper hold: every variable with a univariable p < 0.2.
MULTIVARIABLE = {
    LOCAL_CONTROL.key: (BCLC, SIZE, SESSIONS, BED, ANY_CR),
    OVERALL_SURVIVAL.key: (CHILD_PUGH, BCLC, SIZE, AFP, BED, ANY_CR),
}

# What residual disease and patient are before SBRT: Suppl. Table 1 asks which go with anyCR.
RESPONSE_TERMS = (AGE, ECOG, CHILD_PUGH, ETIOLOGY, BCLC, SIZE, AFP, SESSIONS, BED)


@dataclass(frozen=True)
class Regimen:
    """A total dose in Gy, given in a number of equal fractions."""

    total_dose_gy: float
    fractions: int

    def __str__(self) -> str:
        return f"{self.total_dose_gy:g} Gy/{self.fractions}fx"


# Table 1 of the paper, in its order.
REGIMENS = (Regimen(36, 3), Regimen(45, 3), Regimen(48, 3), Regimen(60, 4), Regimen(60, 3))


@dataclass(frozen=True)
class OrganLimit:
    """One limit of the section Radiotherapy, for three fractions.

    Attributes
    ----------
    organ
        The organ at risk.
    metric
        ``mean`` for the mean dose, otherwise the volume that may receive the limit.
    limit_gy
        The dose in Gy.
    strict
        Whether the limit itself is already too much (the paper prints ``<``).
    """

    organ: str
    metric: str
    limit_gy: float
    strict: bool

    def holds(self, dose_gy: float) -> bool:
        """Whether a dose in Gy respects the limit."""
        return dose_gy < self.limit_gy if self.strict else dose_gy <= self.limit_gy


ORGAN_LIMITS = (
    OrganLimit("normal liver", "highest dose of 700 mL", 15.0, strict=False),
    OrganLimit("normal liver", "mean", 13.0, strict=False),
    OrganLimit("esophagus", "2 cc", 21.0, strict=True),
    OrganLimit("large bowel", "2 cc", 21.0, strict=True),
    OrganLimit("stomach", "2 cc", 18.0, strict=True),
    OrganLimit("duodenum", "2 cc", 18.0, strict=True),
    OrganLimit("spinal cord", "2 cc", 18.0, strict=False),
)
