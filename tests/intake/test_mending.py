"""From each refusal there is a way on, and none changes the data of another patient."""

import pytest

from reanalysis.core.errors import Problem
from reanalysis.intake.asking import LEAVE
from reanalysis.intake.conversation import Mend, begin
from reanalysis.intake.mending import BLANK_THERE, CENSORED, LEAVE_ROWS, mend

PAIR = (
    "patient_id,follow_up_months,death,local_failure,local_failure_months,age\n"
    "1,12.5,1,1,6.2,61\n2,20.1,0,0,,17\n3,31.2,0,0,31.2,17\n4,40,0,0,,70\n"
)


AGES = {"a": 50, "b": 10, "c": 60}


def talk_about(text: str):
    talk = begin("theirs.csv", text.encode())
    standing = talk.standing()
    report = talk.report(standing.plan)
    return talk, {o.problem.column: o for o in talk.obstacles(report, standing.plan)}


def test_what_can_be_done_depends_on_the_problem():
    _, found = talk_about(PAIR)
    assert found["local_failure_months"].ways == (CENSORED, LEAVE_ROWS, BLANK_THERE, LEAVE)
    assert found["age"].ways == (LEAVE_ROWS, BLANK_THERE, LEAVE)
    assert found["age"].rows == (3, 4)


@pytest.mark.parametrize("way", [CENSORED, BLANK_THERE, LEAVE_ROWS])
def test_each_way_leads_to_a_file_that_fits(way):
    talk, found = talk_about(PAIR)
    for name, chosen in (("local_failure_months", way), ("age", BLANK_THERE)):
        one = found[name]
        talk.mends.append(Mend(one.problem, one.rows, chosen, "why not"))
    report = talk.report(talk.standing().plan)
    assert report.fits
    assert report.patients == (3 if way == LEAVE_ROWS else 4)


def test_no_value_is_blanked_that_another_patient_has_by_right():
    # 12.5 is right beside an event and wrong beside none.
    text = PAIR.replace("31.2,17", "6.2,50").replace("0,,17", "0,,55")
    _, found = talk_about(text)
    assert BLANK_THERE not in found["local_failure_months"].ways


@pytest.mark.parametrize(("way", "patients"), [(LEAVE_ROWS, 2), (BLANK_THERE, 3)])
def test_who_is_left_out_does_not_come_back_by_another_row(way, patients):
    # Two rows of each, as in a table of lesions: 10 stands in both of b.
    rows = "".join(f"{p},{10 + i},1,{age}\n" for p, age in AGES.items() for i in (1, 2))
    talk = begin("theirs.csv", f"patient_id,follow_up_months,death,age\n{rows}".encode())
    talk.answers["one_row_per_patient",] = "first"
    plan = talk.standing().plan
    (age,) = talk.obstacles(talk.report(plan), plan)
    assert (age.rows, way in age.ways) == ((4,), True)
    talk.mends.append(Mend(age.problem, age.rows, way, "a child"))
    report = talk.report(talk.standing().plan)
    assert (report.fits, report.patients) == (True, patients)


def test_a_required_column_is_not_left_out():
    _, found = talk_about("patient_id,follow_up_months,death\n1,2,0\n2,,1\n3,4,1\n")
    assert found["follow_up_months"].ways == (LEAVE_ROWS,)


def test_what_was_not_offered_is_not_done():
    talk, found = talk_about(PAIR)
    with pytest.raises(ValueError, match="no way on"):
        mend(talk.standing().plan, found["age"].problem, (3,), talk.table, CENSORED, "x")
    assert isinstance(found["age"].problem, Problem)


def test_a_date_is_asked_for_the_day_that_it_is_counted_from():
    talk = begin(
        "theirs.csv",
        b"Case,Begin,Seen,Dead\na,2015-03-02,2016-03-02,yes\nb,2015-05-02,2018-03-02,no\n"
        b"c,2016-01-09,2019-05-01,no\n",
    )
    talk.take_from("follow_up_months", "Seen")
    (question,) = talk.standing().open
    assert question.place == ("columns", "follow_up_months", "since")
    assert question.options == ("Begin",)
    talk.answers[question.place] = "Begin"
    report = talk.report(talk.standing().plan)
    assert report.fits
    assert "follow-up from 12.02 to 39.69 months" in report.totals_in_words
