"""What keeps a service from a need; what nobody has told keeps nobody from it."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contracts.agencies import PaperKind
from contracts.categories import Category
from contracts.offerings import Missing
from services.partner.model.eligibility import Eligibility
from services.partner.model.matching import exclude
from services.partner.model.matching.words import _WORDS, reason
from services.partner.model.terms import Terms
from tests.partner.build import SMILES, agreement
from tests.partner.matching.build import against, candidate, for_it, found, need

AGREED = Eligibility(
    minimum_age=6,
    maximum_age=12,
    first_grade="KG",
    last_grade="05",
    insurance=("medi-cal", "none"),
    zips=("94601",),
)


@pytest.mark.parametrize(
    ("age", "kept"), [(5, ["too-young"]), (6, []), (12, []), (13, ["too-old"]), (None, [])]
)
def test_an_age_outside_its_own_excludes(age: int | None, kept: list[str]) -> None:
    assert against(candidate(minimum_age=6, maximum_age=12), age=age) == kept


@pytest.mark.parametrize(
    ("grade", "kept"), [(-1, ["other-grades"]), (0, []), (5, []), (6, ["other-grades"]), (None, [])]
)
def test_a_grade_outside_its_own_excludes(grade: int | None, kept: list[str]) -> None:
    terms = Terms(first_grade="KG", last_grade="05")
    assert against(candidate(terms=terms), grade=grade) == kept


@pytest.mark.parametrize(
    ("insurance", "kept"),
    [("medi-cal", []), ("kaiser", ["insurance-not-taken"]), ("none", ["insurance-not-taken"])],
)
def test_an_insurance_that_it_does_not_take_excludes(insurance: str, kept: list[str]) -> None:
    assert against(candidate(terms=Terms(insurance=("medi-cal",))), insurance=insurance) == kept
    assert against(candidate(), insurance=insurance) == []


def test_a_home_outside_its_area_excludes() -> None:
    oakland = candidate(terms=Terms(zips=("94601", "94606")))
    assert against(oakland, home_zip="94606") == []
    assert against(oakland, home_zip="94607") == ["out-of-area"]
    assert against(oakland) == []


def test_a_language_that_is_needed_excludes_where_nobody_interprets() -> None:
    english = candidate(languages=("en",))
    assert against(english, language="mam", language_needed=True) == ["language-not-available"]
    assert against(english, language="mam") == []
    with_interpreter = candidate(languages=("en",), terms=Terms(interpreter=True))
    assert against(with_interpreter, language="mam", language_needed=True) == []
    untold = candidate()
    assert against(untold, language="mam", language_needed=True) == []
    assert against(candidate(languages=("es-mx",)), language="ES", language_needed=True) == []


def test_without_a_live_agreement_nobody_is_asked() -> None:
    assert against(candidate(agreements=())) == ["no-agreement"]
    over = agreement(until=date(2026, 10, 12))
    assert against(candidate(agreements=(over,))) == ["agreement-expired"]
    other = agreement(sites=("site-02",))
    assert against(candidate(agreements=(over, other))) == ["agreement-expired"]
    today = agreement(until=date(2026, 10, 13))
    assert against(candidate(agreements=(today,))) == []


def test_an_agreement_without_its_papers_or_for_other_services_lets_nobody_be_asked() -> None:
    uninsured = agreement(requires=(PaperKind.INSURANCE,))
    assert against(candidate(agreements=(uninsured,))) == ["papers-lacking"]
    others = agreement(services=("svc-other",))
    assert against(candidate(agreements=(others,))) == ["no-agreement"]
    ours = agreement(services=(SMILES.service,))
    assert against(candidate(agreements=(uninsured, ours))) == []


def test_a_restricted_need_goes_to_those_alone_whose_main_work_it_is() -> None:
    pantry = candidate(category=Category.FOOD, also=(Category.MENTAL_HEALTH,))
    asked = {"category": Category.MENTAL_HEALTH}
    assert against(pantry, **asked, restricted=True) == ["not-its-main-work"]
    assert against(pantry, category=Category.FOOD) == []
    counsellor = candidate(category=Category.MENTAL_HEALTH)
    assert against(counsellor, **asked, restricted=True) == []


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({"age": 5}, ["agreed-ages"]),
        ({"age": 13}, ["agreed-ages"]),
        ({"age": 6, "grade": 1}, []),
        ({"grade": 6}, ["agreed-grades"]),
        ({"insurance": "kaiser"}, ["agreed-insurance"]),
        ({"insurance": "none"}, []),
        ({"home_zip": "94607"}, ["agreed-zips"]),
        ({"age": 13, "home_zip": "94607"}, ["agreed-ages", "agreed-zips"]),
        ({}, []),
    ],
)
def test_whom_the_agreement_is_not_for_is_left_out(asked: dict[str, Any], kept: list[str]) -> None:
    assert against(candidate(agreements=(agreement(eligibility=AGREED),)), **asked) == kept


def test_of_several_agreements_one_that_is_for_the_child_is_enough() -> None:
    strict = agreement(eligibility=AGREED)
    young = agreement(eligibility=Eligibility(maximum_age=5))
    both = candidate(agreements=(strict, young))
    assert against(both, age=4) == []
    assert against(both, age=13, grade=8) == ["agreed-ages"]
    assert against(candidate(agreements=(strict, agreement())), age=40) == []
    over = agreement(until=date(2026, 10, 12))
    assert against(candidate(agreements=(over, strict)), age=40) == ["agreed-ages"]


def test_what_the_agreement_goes_by_and_nobody_told_is_a_question() -> None:
    agreed = candidate(agreements=(agreement(eligibility=Eligibility(maximum_age=12)),))
    assert "agreed-ask" in for_it(agreed)
    assert "agreed-ask" not in for_it(agreed, age=7)
    assert "agreed-ask" not in for_it(candidate())


def test_everything_that_keeps_it_is_told_at_once() -> None:
    far_off = candidate(sites=("site-02",), agreements=(), reachable=False, minimum_age=18)
    assert against(far_off, age=7) == [
        "other-schools",
        "no-agreement",
        "nobody-to-ask",
        "too-young",
    ]
    assert against(candidate(category=Category.FOOD, retired=True)) == ["other-need", "not-there"]


def test_what_was_missing_is_what_kept_those_that_came_closest() -> None:
    teenagers = candidate(minimum_age=13)
    adults = candidate(minimum_age=18, agreements=())
    assert found(teenagers, adults, age=7).missing == ("too-young",)
    assert found(teenagers, adults, age=19).missing == ()
    assert found().missing == ("no-service",)


def test_every_reason_has_words_in_both_languages() -> None:
    for code in _WORDS:
        told = reason(code, "7")
        assert told.es
        assert told.en
        assert told.es != told.en
        assert "{" not in told.es + told.en


def test_a_need_says_nothing_of_the_child_in_a_log() -> None:
    asked = need(age=7, home_zip="94601", insurance="medi-cal")
    assert repr(asked) == "Need(…)"


def test_whatever_can_be_missing_has_words_and_a_code_for_events() -> None:
    apart = {"other-need", "not-there"}
    told = {each.value for each in Missing} - {"no-service"}
    assert told <= set(_WORDS)
    source = Path(exclude.__file__).read_text(encoding="utf-8")
    assert set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', source)) - apart == told
