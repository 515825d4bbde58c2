"""From the state of a search to the cohort table: the columns that no regression model sees."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from reanalysis.core.constants import DAYS_PER_MONTH
from synthesis.images import complete_responses, image_days, recurrences
from synthesis.start import quantile_sample
from synthesis.state import (
    AFP,
    AFP_MISSING,
    AGE,
    BCLC,
    CHILD_PUGH,
    DOSE,
    ECOG,
    ETIOLOGY,
    HEPATIC_FAILURE_DAY,
    NO_CR,
    PATIENTS,
    REGIMENS,
    SESSIONS,
    SIZE,
    FloatArray,
    IntArray,
    State,
)

COLUMNS = (
    "patient_id",
    "age",
    "sex",
    "ecog_ps",
    "child_pugh_class",
    "etiology",
    "bclc_stage",
    "tumor_multiplicity",
    "tumor_size_cm",
    "afp_ng_ml",
    "prior_sessions",
    "prior_treatments",
    "tace_agent",
    "last_tace_response",
    "total_dose_gy",
    "fractions",
    "best_response",
    "complete_response_months",
    "follow_up_months",
    "death",
    "local_failure",
    "local_failure_months",
    "intrahepatic_recurrence",
    "intrahepatic_recurrence_months",
    "distant_metastasis",
    "distant_metastasis_months",
    "transplant_months",
    "salvage_treatment",
    "hepatic_toxicity_grade",
    "child_pugh_increase",
    "biliary_stricture",
    "rib_fracture",
    "hepatic_failure",
    "gi_bleeding",
)
# Each kind of prior treatment: patients, and the fewest sessions that it takes.
PRIOR_TREATMENTS = {
    "resection+TACE+PEI": (2, 3),
    "TACE+RFA+PEI": (8, 3),
    "resection+TACE+RFA": (25, 3),
    "TACE+PEI": (2, 2),
    "resection+TACE": (46, 2),
    "TACE+RFA": (60, 2),
    "TACE": (159, 1),
}
LAST_TACE = {"CR": (73, 2), "PR": (60, 3), "SD": (146, 7), "PD": (9, 2)}  # with and without anyCR
TRANSPLANTS = 3


def months(days: IntArray) -> FloatArray:
    """Give days as months with two decimals, as they are stored."""
    return np.round(np.asarray(days) / DAYS_PER_MONTH, 2)


def assemble(state: State, seed: int) -> pd.DataFrame:
    """Complete a cohort.

    Parameters
    ----------
    state
        What the regression models see.
    seed
        Of everything else.

    Returns
    -------
    pandas.DataFrame
        302 patients in the columns of the data dictionary, ready to be written.
    """
    rng = np.random.default_rng(seed)
    x = state.x
    failed = state.failure > 0
    response = complete_responses(rng, state)
    isolated, salvage = _isolated_failures(rng, state)
    images = [
        image_days(
            rng, int(state.follow_up[k]), [int(d) for d in (response[k], state.failure[k]) if d]
        )
        for k in range(PATIENTS)
    ]
    # Every failure that was not isolated came with a recurrence elsewhere in the liver.
    always = failed & ~isolated
    weight = _intrahepatic_weights(x, state)
    intrahepatic = recurrences(rng, state, images, 0.36, weight, isolated, always, 33.0)
    weight = _distant_weights(x, state, intrahepatic)
    nobody = np.zeros(PATIENTS, bool)
    distant = recurrences(rng, state, images, 0.825, weight, isolated, nobody, 48.0)
    grade, increase = _hepatic_toxicity(rng, x)
    dose = np.array([[total, fractions] for total, fractions, _ in REGIMENS])[x[DOSE]]

    table = pd.DataFrame(
        {
            "age": x[AGE],
            "sex": np.where(_pick(rng, 231, np.ones(PATIENTS)), "male", "female"),
            "ecog_ps": np.where(_pick(rng, 3, x[ECOG] * 1.0), 2, x[ECOG]),
            "child_pugh_class": np.where(x[CHILD_PUGH] == 1, "B", "A"),
            "etiology": _etiology(rng, x),
            "bclc_stage": np.where(x[BCLC] == 1, "A", "0"),
            "tumor_multiplicity": _multiplicity(rng, x),
            "tumor_size_cm": x[SIZE] / 10,
            "afp_ng_ml": _afp(rng, x),
            "prior_sessions": x[SESSIONS],
            "prior_treatments": _prior_treatments(rng, x),
            "tace_agent": np.where(_pick(rng, 255, np.ones(PATIENTS)), "cisplatin", "adriamycin"),
            "last_tace_response": _last_tace_response(rng, x),
            "total_dose_gy": dose[:, 0],
            "fractions": dose[:, 1],
            "best_response": _best_response(rng, state),
            "complete_response_months": _blank(months(response), response == 0),
            "follow_up_months": months(state.follow_up),
            "death": state.death,
            "local_failure": failed.astype(int),
            "local_failure_months": _blank(months(state.failure), ~failed),
            "intrahepatic_recurrence": (intrahepatic > 0).astype(int),
            "intrahepatic_recurrence_months": _blank(months(intrahepatic), intrahepatic == 0),
            "distant_metastasis": (distant > 0).astype(int),
            "distant_metastasis_months": _blank(months(distant), distant == 0),
            "transplant_months": _transplants(rng, state, distant),
            "salvage_treatment": salvage,
            "hepatic_toxicity_grade": grade,
            "child_pugh_increase": increase,
            "biliary_stricture": _pick(rng, 6, np.where(x[SIZE] > 15, 1.0, 0.3)).astype(int),
            "rib_fracture": _pick(rng, 11, np.where(state.follow_up > 300, 1.0, 0.0)).astype(int),
            "hepatic_failure": (state.follow_up == HEPATIC_FAILURE_DAY).astype(int),
            "gi_bleeding": 0,
        }
    )
    # The search holds patients by follow-up; a cohort lists them in no such order.
    table = table.iloc[rng.permutation(PATIENTS)].reset_index(drop=True)
    table.insert(0, "patient_id", [f"S{number:03d}" for number in range(1, PATIENTS + 1)])
    return table[list(COLUMNS)]


def to_csv(cohort: pd.DataFrame) -> str:
    """Write a cohort as the text of its file."""
    return cohort.to_csv(index=False, lineterminator="\n")


def _blank(values: FloatArray, where: npt.NDArray[np.bool_]) -> FloatArray:
    return np.where(where, np.nan, values)


def _pick(rng: np.random.Generator, n: int, weight: FloatArray) -> npt.NDArray[np.bool_]:
    """Pick n patients with probability in proportion to a weight."""
    picked = np.zeros(PATIENTS, bool)
    picked[rng.choice(PATIENTS, n, replace=False, p=weight / weight.sum())] = True
    return picked


def _etiology(rng: np.random.Generator, x: IntArray) -> npt.NDArray[np.str_]:
    hcv = _pick(rng, 36, x[ETIOLOGY] * 1.0)
    return np.where(x[ETIOLOGY] == 0, "HBV", np.where(hcv, "HCV", "NBNC"))


def _multiplicity(rng: np.random.Generator, x: IntArray) -> npt.NDArray[np.str_]:
    """Single at the last TACE in 80, rather those with few sessions."""
    single = _pick(rng, 80, 1.0 / (1.0 + x[SESSIONS]))
    return np.where(single, "single", "multiple")


def _afp(rng: np.random.Generator, x: IntArray) -> FloatArray:
    """Right-skewed, median 9.2, quartiles 4.1 and 32.6, 98 above 20, one missing."""
    shares = [0, 0.04, 0.12, 0.25, 0.38, 0.5, 0.6, 0.674, 0.75, 0.83, 0.9, 0.96, 0.99, 1]
    values = [1.1, 1.9, 2.8, 4.1, 6.2, 9.2, 14.0, 20.0, 32.6, 66.0, 165.0, 640.0, 2400.0, 7100.0]
    drawn = np.exp(quantile_sample(rng, shares, np.log(values).tolist(), 301)).round(1)
    drawn[75], drawn[150], drawn[225] = 4.1, 9.2, 32.6
    drawn = np.sort(drawn)
    drawn[:203] = np.minimum(drawn[:203], 20.0)
    drawn[203:] = np.maximum(drawn[203:], 20.3)
    afp = np.full(PATIENTS, np.nan)
    afp[x[AFP] == 0] = rng.permutation(drawn[:203])
    afp[x[AFP] == 1] = rng.permutation(drawn[203:])
    assert np.isnan(afp).sum() == (x[AFP] == AFP_MISSING).sum() == 1
    return afp


def _prior_treatments(rng: np.random.Generator, x: IntArray) -> npt.NDArray[np.object_]:
    """Each combination as often as published, in patients with enough sessions for it."""
    prior = np.full(PATIENTS, "", dtype=object)
    for name, (patients, fewest) in PRIOR_TREATMENTS.items():
        eligible = ((prior == "") & (x[SESSIONS] >= fewest)).astype(float)
        weight = eligible if name == "TACE" else eligible * np.minimum(x[SESSIONS], 6)
        prior[_pick(rng, patients, weight)] = name
    return prior


def _last_tace_response(rng: np.random.Generator, x: IntArray) -> npt.NDArray[np.object_]:
    """Let anyCR be reached less often after PD than after CR, without a significant relation."""
    result = np.full(PATIENTS, "", dtype=object)
    for level, counts in enumerate(zip(*LAST_TACE.values(), strict=True)):
        names = np.repeat(list(LAST_TACE), counts)
        result[x[NO_CR] == level] = rng.permutation(names)
    return result


def _best_response(rng: np.random.Generator, state: State) -> npt.NDArray[np.object_]:
    """Without CR: 2 PR, 11 SD, and 1 PD in one whose tumour failed."""
    best = np.full(PATIENTS, "CR", dtype=object)
    never = np.flatnonzero(state.x[NO_CR] == 1)
    failed = never[state.failure[never] > 0]
    progressed = failed[np.argmin(state.failure[failed])]
    rest = rng.permutation(never[never != progressed])
    best[progressed], best[rest[:2]], best[rest[2:]] = "PD", "PR", "SD"
    return best


def _isolated_failures(
    rng: np.random.Generator, state: State
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.object_]]:
    """Choose 8 failures that stayed isolated: 7 salvaged and alive, 1 with RT who died."""
    failed = state.failure > 0
    gap = state.follow_up - state.failure
    alive = np.flatnonzero(failed & (state.death == 0))
    # The seven were followed after their salvage; take those with the longest time for it.
    alive = rng.permutation(alive[np.argsort(-gap[alive], kind="stable")][:7])
    died = np.flatnonzero(failed & (state.death == 1))
    died = died[np.argsort(gap[died], kind="stable")][:1]
    salvage = np.full(PATIENTS, None, dtype=object)
    salvage[alive[:6]], salvage[alive[6]], salvage[died] = "TACE", "resection", "RT"
    isolated = np.zeros(PATIENTS, bool)
    isolated[alive] = isolated[died] = True
    return isolated, salvage


def _intrahepatic_weights(x: IntArray, state: State) -> FloatArray:
    """Recurrence elsewhere in the liver comes rather after many sessions and with high AFP.

    Whoever dies had it rather: what the paper does not say, and nobody would doubt.
    """
    log_hazard: FloatArray = 0.05 * (x[SESSIONS] - 3) + 0.25 * (x[AFP] == 1) + 0.1 * x[BCLC]
    return np.asarray(np.exp(log_hazard + 0.6 * state.death))


def _distant_weights(x: IntArray, state: State, intrahepatic: IntArray) -> FloatArray:
    grown = 0.02 * (x[SIZE] - 20) + 0.7 * (x[AFP] == 1)
    return np.asarray(np.exp(grown + 0.9 * state.death + 0.6 * (intrahepatic > 0)))


def _transplants(rng: np.random.Generator, state: State, distant: IntArray) -> FloatArray:
    """Give a few younger patients a transplant, which ends their follow-up."""
    x = state.x
    able = (state.death == 0) & (state.failure == 0) & (distant == 0) & (x[AGE] < 64)
    able &= (state.follow_up > 240) & (state.follow_up < 900) & (x[NO_CR] == 0)
    days = np.where(_pick(rng, TRANSPLANTS, able.astype(float)), state.follow_up, 0)
    return _blank(months(days), days == 0)


def _hepatic_toxicity(rng: np.random.Generator, x: IntArray) -> tuple[IntArray, IntArray]:
    """Grade 2 or more in 8, five of whom worsened by two Child-Pugh points."""
    fragile = np.where(x[CHILD_PUGH] == 1, 5.0, 1.0)
    toxic = rng.permutation(np.flatnonzero(_pick(rng, 8, fragile)))
    grade = _pick(rng, 62, np.ones(PATIENTS)).astype(np.int64)
    grade[toxic], grade[toxic[:2]] = 2, 3
    increase = _pick(rng, 31, fragile).astype(np.int64)
    increase[toxic] = 1
    increase[toxic[:5]] = [3, 2, 2, 2, 2]
    return grade, increase
