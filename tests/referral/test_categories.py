"""What a district says of kinds of need: its own, names, what it restricts and retires."""

from typing import Any

import pytest
from pydantic import ValidationError

from contracts.categories import RESTRICTED, SHIPPED, WITHHELD, Category
from services.chassis.errors import EnlaceError, TwoTonguesError
from services.chassis.needs import SHIPPED_NEEDS
from services.referral.api.disclosure_report import ReportWords
from services.referral.model.categories import check_categories_kept, need_open
from services.referral.model.rules import Rules, RulesVersion
from tests.referral.build import NOW

SWIMMING = Category("swimming")
OWN = {"code": "swimming", "names": {"en": "swimming lessons", "es": "clases de natación"}}


def rules(*categories: dict[str, Any], **more: Any) -> Rules:
    return Rules.model_validate({"categories": list(categories), **more})


def test_a_district_that_says_nothing_has_what_comes_along() -> None:
    needs = Rules().needs
    assert needs == SHIPPED_NEEDS
    assert {each.code for each in needs.open} == set(Category) == set(SHIPPED)
    assert {each for each in Category if needs.restricted(each)} == RESTRICTED


def test_a_need_of_its_own_stands_beside_those_that_come_along() -> None:
    needs = rules({**OWN, "records": "health", "terms": ["108-03-02"]}).needs
    own = needs.get(SWIMMING)
    assert own is not None
    assert (own.names.es, own.records, own.terms) == (
        "clases de natación",
        "health",
        ("108-03-02",),
    )
    assert needs.on_topics(SWIMMING) == SWIMMING
    assert len(needs.all) == len(SHIPPED) + 1


def test_a_need_that_comes_along_is_renamed_restricted_and_retired() -> None:
    needs = rules(
        {"code": "tutoring", "names": {"en": "homework help", "es": "ayuda con tareas"}},
        {"code": "legal", "restricted": True},
        {"code": "mentoring", "retired": True},
    ).needs
    renamed = needs.names("tutoring")
    assert renamed is not None
    assert renamed.es == "ayuda con tareas"
    assert needs.on_topics(Category.LEGAL) == WITHHELD
    assert Category.MENTORING not in {each.code for each in needs.open}
    assert needs.names("mentoring") == SHIPPED[Category.MENTORING], "it is still called something"


def test_a_need_that_is_not_known_yet_is_taken_as_restricted() -> None:
    stale = Rules()
    assert SWIMMING in stale.restricted
    assert stale.on_topics(SWIMMING) == WITHHELD
    assert stale.restricted.intersection([SWIMMING, Category.FOOD]) == {SWIMMING}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"categories": [OWN, OWN]}, "swimming twice"),
        ({"categories": [{"code": "swimming"}]}, "categories.0 (swimming) does not come with"),
        ({"categories": [{**OWN, "code": "restricted"}]}, "stands for the lack of a need"),
        ({"categories": [{"code": "mental-health", "restricted": False}]}, "in every district"),
        (
            {"categories": [{"code": "food", "names": {"en": "Dentist", "es": "comidas"}}]},
            "categories has two called dentist (en)",
        ),
        (
            {"categories": [{**OWN, "terms": ["106-02"]}, {"code": "dental", "terms": ["106-02"]}]},
            "categories has 106-02 twice",
        ),
        (
            {"categories": [{"code": each.value, "retired": True} for each in Category]},
            "retires every kind of need",
        ),
        (
            {
                "categories": [{"code": "food", "retired": True}],
                "overrides": [{"category": "food"}],
            },
            "overrides.0 is a plan for food, which categories retires",
        ),
        ({"overrides": [{"category": "swimming"}]}, "overrides.0 is for swimming"),
    ],
)
def test_bad_configuration_is_refused_whole_with_the_place_in_both_languages(
    given: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        Rules.model_validate(given)
    fault = refused.value.errors()[0]
    assert says in fault["msg"]
    cause = fault["ctx"]["error"]
    assert isinstance(cause, TwoTonguesError)
    assert cause.es


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({**OWN, "names": {"en": "swimming"}}, "categories.0.names.es"),
        ({**OWN, "code": "Nada Aquí"}, "categories.0.code"),
        ({**OWN, "terms": ["swim"]}, "categories.0.terms.0"),
        ({**OWN, "names": {"en": "x" * 61, "es": "x"}}, "categories.0.names.en"),
        ({**OWN, "records": "gossip"}, "categories.0.records"),
    ],
)
def test_what_is_written_wrongly_is_told_by_its_field(given: dict[str, Any], place: str) -> None:
    with pytest.raises(ValidationError) as refused:
        rules(given)
    assert ".".join(str(part) for part in refused.value.errors()[0]["loc"]) == place


def test_a_need_is_retired_and_never_taken_away() -> None:
    before = rules(OWN).needs
    with pytest.raises(EnlaceError) as gone:
        check_categories_kept(before, Rules().needs)
    assert gone.value.slug == "category-gone"
    check_categories_kept(before, rules({**OWN, "retired": True}).needs)


def test_what_was_restricted_stays_so() -> None:
    before = rules({**OWN, "restricted": True}).needs
    with pytest.raises(EnlaceError) as opened:
        check_categories_kept(before, rules(OWN).needs)
    assert opened.value.slug == "category-restricted"


def test_nothing_new_is_written_under_a_retired_need() -> None:
    needs = rules({**OWN, "retired": True}).needs
    with pytest.raises(EnlaceError) as retired:
        need_open(needs, SWIMMING)
    assert retired.value.slug == "category-retired"
    assert "clases de natación" in retired.value.es
    with pytest.raises(EnlaceError) as unknown:
        need_open(needs, Category("chess"))
    assert unknown.value.slug == "category-unknown"


def test_rules_stored_while_needs_were_a_list_in_the_code_are_read_as_written_now() -> None:
    kept = {**Rules().model_dump(mode="json"), "also_restricted": ["legal"]}
    version = RulesVersion.model_validate(
        {"id": "00000001", "number": 1, "rules": kept, "by": "dora", "at": NOW}
    )
    assert Category.LEGAL in version.rules.restricted


def test_a_guardians_report_names_the_districts_own_need_and_its_records() -> None:
    say = ReportWords("es", rules({**OWN, "records": "health"}).needs)
    assert say.code("category", "swimming") == "clases de natación"
    assert say.records(SWIMMING) == "expediente de salud"
    assert (say.code("category", "chess"), say.records(Category("chess"))) == ("chess", "")
