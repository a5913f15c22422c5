"""A district's reasons: what it may say of them, and what it is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from contracts.codes import CancelReason, DeclineReason, HoldReason
from contracts.rules import ReasonedAct
from services.chassis.errors import EnlaceError, TwoTonguesError
from services.chassis.reasons import SHIPPED_REASONS, need_reason
from services.referral.model.reasons import check_reasons_kept
from services.referral.model.rules import Rules

SCHOOL = {
    "act": "cancel",
    "code": "new-school",
    "names": {"en": "the child changed schools", "es": "el niño cambió de escuela"},
}


def rules(*reasons: dict[str, Any]) -> Rules:
    return Rules.model_validate({"reasons": list(reasons)})


def test_a_district_that_says_nothing_has_the_reasons_that_come_along() -> None:
    offered = Rules().whys.choices(ReasonedAct.CANCEL)
    assert offered == ("family-withdrew", "moved-away", "nobody-answered", "other")
    assert "not-said" not in Rules().whys.choices(ReasonedAct.DECLINE), "written by Enlace itself"
    assert {each.act for each in SHIPPED_REASONS.all} == set(ReasonedAct)


def test_a_districts_own_reason_is_one_of_its_act_alone_and_stands_before_another_reason() -> None:
    whys = rules(SCHOOL).whys
    assert whys.choices(ReasonedAct.CANCEL)[-2:] == ("new-school", "other")
    need_reason(whys, CancelReason("new-school"))
    with pytest.raises(EnlaceError, match="is no reason of this district for that") as refused:
        need_reason(whys, HoldReason("new-school"))
    assert refused.value.slug == "reason-unknown"
    assert "school-break" in str(refused.value), "it says what may be sent"


def test_a_reason_that_comes_along_is_renamed_or_chosen_no_more() -> None:
    renamed = {"en": "no family in this district", "es": "ya no vive en el distrito"}
    whys = rules(
        {"act": "cancel", "code": "moved-away", "names": renamed},
        {"act": "hold", "code": "school-break", "retired": True},
    ).whys
    called = whys.of(ReasonedAct.CANCEL).names("moved-away")
    assert called is not None
    assert called.es == "ya no vive en el distrito"
    assert "school-break" not in whys.choices(ReasonedAct.HOLD)
    assert "school-break" in whys.choices(ReasonedAct.SNOOZE), "another act's of the same code"
    with pytest.raises(EnlaceError, match="no longer chosen") as refused:
        need_reason(whys, HoldReason.SCHOOL_BREAK)
    assert refused.value.slug == "reason-retired"
    kept = whys.of(ReasonedAct.HOLD).names("school-break")
    assert kept is not None, "where it stands, it is still called by its name"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([SCHOOL, SCHOOL], "reasons has cancel: new-school twice"),
        ([{"act": "hold", "code": "storm"}], "reasons.0 (hold: storm) does not come with Enlace"),
        ([{"act": "cancel", "code": "other", "retired": True}], "where nothing else fits"),
        ([{"act": "decline", "code": "not-said", "retired": True}], "by Enlace itself"),
        (
            [{**SCHOOL, "names": {"en": "Nobody answered", "es": "cambio"}}],
            "reasons (cancel) has two called nobody answered (en)",
        ),
        ([{**SCHOOL, "act": "escape"}], "this code is not known here"),
        ([{**SCHOOL, "code": "New School"}], "pattern"),
    ],
)
def test_bad_reasons_are_refused_whole_with_the_place_in_both_tongues(
    given: list[dict[str, Any]], says: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        rules(*given)
    assert says in str(refused.value)
    told = refused.value.errors(include_input=False)[0].get("ctx", {}).get("error")
    assert told is None or (isinstance(told, TwoTonguesError) and told.es)


def test_a_reason_is_never_taken_away() -> None:
    with pytest.raises(EnlaceError, match="new-school") as refused:
        check_reasons_kept(rules(SCHOOL).whys, rules().whys)
    assert refused.value.slug == "reason-gone"
    check_reasons_kept(rules(SCHOOL).whys, rules({**SCHOOL, "retired": True}).whys)
    assert DeclineReason.NO_CAPACITY in {each.code for each in rules().whys.all}
