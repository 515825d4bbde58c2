"""The printed numbers against each other: what agrees, and the slips by hand."""

from reanalysis.paper.consistency import (
    contradictions,
    interval_checks,
    percentage_checks,
    repeated,
    wholes_of,
)


def test_limits_give_the_ratio_and_the_p_value_back():
    # log(2.53 / 1.32) / 3.92 = 0.16597; log(sqrt(1.32 * 2.53)) = 0.60295; z = 3.633
    size = interval_checks().loc["LC.u.size"]
    assert round(size["ratio from limits"], 4) == 1.8275
    assert size["p from limits"] == "<0.001"
    assert size["row"] == "LC, alone: Tumour size, per cm"
    # log(0.96) / 2 = -0.02041 and log(1 / 0.96) / 3.92 = 0.01041: z = 1.96
    assert interval_checks().loc["OS.m.bed", "p from limits"] == "0.050"


def test_every_row_is_possible():
    checks = interval_checks()
    assert len(checks) == 33
    assert checks["possible"].all()
    assert checks["row"].is_unique


def test_a_percentage_gives_its_whole_back():
    shares = percentage_checks()
    assert shares.loc["afp.le20", "possible wholes"] == "301"  # 203 / 301 = 67.44
    assert shares.loc["afp.gt20", "possible wholes"] == "302"  # 98 / 302 = 32.45
    assert shares.loc["tox.rib", "possible wholes"] == "none"  # 11 / 302 = 3.64, 11 / 312 = 3.53
    odd = shares[shares["printed"] != shares["of all patients"]]
    assert list(odd.index) == ["afp.le20", "tox.rib"]


def test_rates_of_response_are_of_those_who_responded():
    table = wholes_of(["39.9", "83.3"], [288, 302])
    assert table.loc[288].tolist() == ["115", "240"]
    assert table.loc[302].tolist() == ["none", "none"]


def test_results_that_are_repeated_are_repeated_alike():
    several = repeated()
    assert several["alike"].mean() > 0.9
    assert set(several.index[~several["alike"]]) == {
        "flow.period.start",
        "flow.period.end",
        "qual.embolic",
        "qual.isolated",
        "qual.technique",
    }


def test_what_the_paper_excludes_has_its_reason():
    assert (contradictions()["remark"] != "").all()
    assert "tox.rib.pct" in contradictions().index
