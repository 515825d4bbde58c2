"""The study: its endpoints, responses, the variables of its models, its regimens and limits.

What another paper would have otherwise stands in this room, in ``data/`` and in the notebooks:
``criteria`` has who belongs in the study, ``layout`` the rows of its tables, ``register`` its
numbers. Ids of published numbers are put together here and nowhere else.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from reanalysis.core.dictionary import FOLLOW_UP, load_dictionary

ALPHA = 0.05  # below it the paper calls a p value significant

RATE_MONTHS = (12, 24, 36)  # rates are read at these months
RATE_MONTH = RATE_MONTHS[-1]  # and printed at this one

ALPHA_BETA = 10.0  # of the BED, in Gy

# The first letter stands in the ids of published numbers.
Model = Literal["univariable", "multivariable"]


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
    free
        What a patient is who has not had the event; of those that have a regression table.
    """

    key: str
    label: str
    short: str
    event: str
    months: str
    censored_by: tuple[str, ...] = ()
    free: str = ""

    @property
    def event_in_words(self) -> str:
        """What happens, in a sentence: ``'local failure'``."""
        return load_dictionary().columns[self.event].label.lower()

    @property
    def rate_id(self) -> str:
        """Id of its published rate, such as ``'km36.LC'``."""
        return f"km{RATE_MONTH}.{self.short}"

    def row_id(self, model: str, term: "Term") -> str:
        """Give the id of a row of its regression table, such as ``'LC.u.size'``.

        Parameters
        ----------
        model
            ``'univariable'`` or ``'multivariable'``.
        term
            The variable.

        Returns
        -------
        str
            What stands before ``.HR``, ``.lo``, ``.hi`` and ``.p`` in the ids of its numbers.
        """
        return f"{self.short}.{model[0]}.{term.published}"


# Deaths are censored in all but overall survival, as the paper's figures imply: 82.5 % free
# of distant metastasis at 3 years exceeds the 72.7 % alive.
LOCAL_CONTROL = Endpoint(
    "local_control",
    "Local control",
    "LC",
    "local_failure",
    "local_failure_months",
    censored_by=("transplant_months",),
    free="free of local failure",
)

OVERALL_SURVIVAL = Endpoint(
    "overall_survival", "Overall survival", "OS", "death", FOLLOW_UP, free="alive"
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

# Those that have a regression table: Table 2 and Table 3.
MODELLED = (LOCAL_CONTROL, OVERALL_SURVIVAL)

# Where the disease came back, by its name in tables and figures.
SITES = {"local": LOCAL_CONTROL, "intrahepatic": INTRAHEPATIC_RFS, "distant": DISTANT_MFS}

NO_RECURRENCE = "none"
# From no site to all three; the order of the tables and figures.
PATTERNS = (
    NO_RECURRENCE,
    *(" + ".join(sites) for n in range(1, len(SITES) + 1) for sites in combinations(SITES, n)),
)

# What followed a local failure without another recurrence.
SALVAGE = "salvage_treatment"

# mRECIST, from the least residual disease to the most.
RESPONSES = ("CR", "PR", "SD", "PD")
CR = RESPONSES[0]
BEST_RESPONSE = "best_response"  # to SBRT
LAST_TACE_RESPONSE = "last_tace_response"
CR_MONTHS = "complete_response_months"

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
        As the paper prints it, in the book's spelling.
    published
        The name of the row in the register of published numbers.
    levels
        The two levels as the paper prints them, the reference first; empty for a number.
    per
        The unit that a hazard ratio is per, for a number.
    short
        Its name where there is little room; of the variables of the multivariable models.
    """

    column: str
    label: str
    published: str
    levels: tuple[str, ...] = ()
    per: str = ""
    short: str = ""

    @property
    def contrast(self) -> str:
        """What a ratio of it compares, such as ``'Child-Pugh class: B against A'``."""
        if self.levels:
            reference, level = self.levels
            return f"{self.label}: {level} against {reference}"
        return f"{self.label}, per {self.per}"

    @property
    def recorded_levels(self) -> tuple[str, ...]:
        """Its levels as a cohort spells them, the reference first; empty for a number."""
        return load_dictionary().entry(self.column).levels

    @property
    def logistic_row_id(self) -> str:
        """Id of its row of Suppl. Table 1, the models of not reaching CR."""
        return f"LOGIT.{self.published}"


AGE = Term("age", "Age", "age", per="year")

ECOG = Term("ecog_group", "ECOG PS", "ps", ("0", "1–2"))

CHILD_PUGH = Term("child_pugh_class", "Child-Pugh class", "cp", ("A", "B"), short="Child-Pugh")

ETIOLOGY = Term("etiology_group", "Etiology", "etio", ("HBV", "Others"))

BCLC = Term("bclc_stage", "BCLC stage", "bclc", ("0", "A"), short="BCLC")

SIZE = Term("tumor_size_cm", "Tumour size", "size", per="cm", short="size")

AFP = Term("afp_group", "Alpha-fetoprotein", "afp", ("≤ 20 ng/mL", "> 20 ng/mL"), short="AFP")

SESSIONS = Term(
    "prior_sessions",
    "Number of prior treatment sessions",
    "nsess",
    per="session",
    short="sessions",
)

BED = Term("bed10_gy", "BED", "bed", per="Gy10", short="BED")

CR_3_MONTHS = Term("cr_by_3_months", "CR at 3 months", "cr3", ("Yes", "No"))

ANY_CR = Term("any_cr", "anyCR", "anycr", ("Yes", "No"), short="anyCR")

# The rows of Tables 2 and 3, in the paper's order.
TERMS = (AGE, ECOG, CHILD_PUGH, ETIOLOGY, BCLC, SIZE, AFP, SESSIONS, BED, CR_3_MONTHS, ANY_CR)

TERM_BY_COLUMN = {term.column: term for term in TERMS}

# What the univariable columns hold. No local failure was seen in Child-Pugh class B, so that its
# hazard ratio does not exist.
UNIVARIABLE = {
    LOCAL_CONTROL.key: tuple(term for term in TERMS if term is not CHILD_PUGH),
    OVERALL_SURVIVAL.key: TERMS,
}

# What the multivariable columns hold: every variable with a univariable p < 0.2.
MULTIVARIABLE = {
    LOCAL_CONTROL.key: (BCLC, SIZE, SESSIONS, BED, ANY_CR),
    OVERALL_SURVIVAL.key: (CHILD_PUGH, BCLC, SIZE, AFP, BED, ANY_CR),
}

# What residual disease and patient are before SBRT: Suppl. Table 1 asks which go with anyCR.
RESPONSE_TERMS = (AGE, ECOG, CHILD_PUGH, ETIOLOGY, BCLC, SIZE, AFP, SESSIONS, BED)

# The one row of it whose numbers are printed.
PRINTED_RESPONSE_TERM = SIZE


# Columns of the doses, the toxicity and what followed it.
TOTAL_DOSE, FRACTIONS = "total_dose_gy", "fractions"
TOXICITY_GRADE = "hepatic_toxicity_grade"
DEADLY_GRADE = 5  # of the CTCAE


@dataclass(frozen=True)
class Regimen:
    """A total dose in Gy, given in a number of equal fractions."""

    total_dose_gy: float
    fractions: int

    def __str__(self) -> str:
        return f"{self.total_dose_gy:g} Gy/{self.fractions}fx"

    @property
    def short(self) -> str:
        """Total dose and fractions, as in ``'45/3'``."""
        return f"{self.total_dose_gy:g}/{self.fractions}"

    @property
    def patients_id(self) -> str:
        """What stands before ``.n`` and ``.pct`` in the ids of who had it: ``'fx.45/3'``."""
        return f"fx.{self.short}"

    @property
    def bed_id(self) -> str:
        """Id of its published BED, such as ``'bed.45/3'``."""
        return f"bed.{self.short}"


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
        ``mean`` for the mean dose, otherwise a volume: what may receive no more than the limit,
        or, with ``at least``, what has to stay there.
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
    OrganLimit("normal liver", "at least 700 mL", 15.0, strict=False),
    OrganLimit("normal liver", "mean", 13.0, strict=False),
    OrganLimit("esophagus", "2 cc", 21.0, strict=True),
    OrganLimit("large bowel", "2 cc", 21.0, strict=True),
    OrganLimit("stomach", "2 cc", 18.0, strict=True),
    OrganLimit("duodenum", "2 cc", 18.0, strict=True),
    OrganLimit("spinal cord", "2 cc", 18.0, strict=False),
)
