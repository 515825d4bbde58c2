import pandas as pd
import pytest

from reanalysis.analysis.dose_limits import check_plan, organ_limits
from reanalysis.core.dose import bed_gy, bed_lql_gy, eqd2_gy
from reanalysis.core.formatting import rounded
from reanalysis.paper.register import published
from reanalysis.paper.study import ORGAN_LIMITS, REGIMENS, Regimen


def test_bed_of_the_five_regimens():
    exact = [bed_gy(r.total_dose_gy, r.fractions) for r in REGIMENS]
    assert exact == pytest.approx([79.2, 112.5, 124.8, 150, 180], abs=1e-12)
    assert [rounded(bed) for bed in exact] == ["79", "113", "125", "150", "180"]


def test_bed_of_a_column_is_that_of_each_patient():
    doses, fractions = pd.Series([36.0, None]), pd.Series([3.0, 3.0])
    assert bed_gy(doses, fractions).tolist() == pytest.approx([79.2, float("nan")], nan_ok=True)


def test_bed_depends_on_alpha_beta():
    assert bed_gy(45, 3, alpha_beta_gy=3) == 270


@pytest.mark.parametrize("arguments", [(0, 3), (45, 0), (-1, 3), (45, 3, 0)])
def test_bed_of_nothing_is_an_error(arguments):
    with pytest.raises(ValueError, match="above 0"):
        bed_gy(*arguments)


def test_eqd2_of_two_gray_fractions_is_the_dose():
    assert eqd2_gy(60, 30) == pytest.approx(60)
    assert eqd2_gy(45, 3) == pytest.approx(93.75)


def test_lql_is_lq_up_to_the_transition_and_its_tangent_beyond():
    assert bed_lql_gy(45, 3, transition_gy=15) == bed_gy(45, 3)
    # Per fraction 10 (1 + 10/10) up to 10 Gy and 5 (1 + 2 * 10/10) beyond it.
    assert bed_lql_gy(45, 3, transition_gy=10) == pytest.approx(3 * (20 + 15))
    with pytest.raises(ValueError, match="transition dose"):
        bed_lql_gy(45, 3, transition_gy=0)


def test_limits_are_those_of_the_register():
    limits = {(limit.organ, limit.metric): limit.limit_gy for limit in ORGAN_LIMITS}
    assert limits["normal liver", "at least 700 mL"] == float(published("rt.liver700"))
    assert limits["normal liver", "mean"] == float(published("rt.liver_mean"))
    assert limits["esophagus", "2 cc"] == limits["large bowel", "2 cc"] == 21
    assert float(published("rt.esophagus")) == 21
    assert limits["stomach", "2 cc"] == limits["duodenum", "2 cc"] == float(published("rt.stomach"))
    assert limits["spinal cord", "2 cc"] == float(published("rt.cord"))
    assert len(organ_limits()) == len(ORGAN_LIMITS)


def test_a_strict_limit_excludes_itself():
    table = check_plan({("stomach", "2 cc"): 18.0, ("spinal cord", "2 cc"): 18.0})
    verdicts = table.set_index("organ")["verdict"]
    assert verdicts["stomach"] == "exceeded"
    assert verdicts["spinal cord"] == "within"
    assert verdicts["esophagus"] == "not given"


@pytest.mark.parametrize("dose", [-1.0, float("nan"), float("inf")])
def test_a_dose_is_a_number_of_at_least_zero(dose):
    with pytest.raises(ValueError, match="at least 0"):
        check_plan({("stomach", "2 cc"): dose})


def test_an_organ_without_a_limit_is_named():
    with pytest.raises(ValueError, match=r"kidney \(mean\)"):
        check_plan({("kidney", "mean"): 1.0})


def test_a_regimen_prints_as_in_table_1():
    assert str(Regimen(45, 3)) == "45 Gy/3fx"
