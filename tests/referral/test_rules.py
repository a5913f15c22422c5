"""The district's rules: defaults, overrides, a file, and the schema that is committed."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from contracts.categories import Category
from contracts.codes import Language, Urgency
from services.referral.model.rules import Rules, RulesVersion
from services.referral.rules_file import SCHEMA, RulesFileError, first_rules, schema_text
from tests.referral.build import NOW

DISTRICT = {
    "seat_held_days": 5,
    "plans": {"routine": {"look_in_days": [2, 14]}},
    "overrides": [
        {"category": "mental-health", "look_in_days": [1]},
        {"category": "mental-health", "urgency": "urgent", "overdue_days": 2},
    ],
    "holidays": [{"name": "Winter break", "first": "2026-12-21", "last": "2027-01-08"}],
}


def test_a_district_that_says_nothing_has_a_plan_for_every_urgency() -> None:
    rules = Rules()
    days = {each: rules.plan(Category.DENTAL, each).look_in_days for each in Urgency}
    assert days == {
        Urgency.ROUTINE: (14,),
        Urgency.SOON: (7,),
        Urgency.URGENT: (2, 14),
        Urgency.CRISIS: (1, 7),
    }


def test_an_override_changes_what_it_names_and_the_one_for_an_urgency_goes_first() -> None:
    rules = Rules.model_validate(DISTRICT)
    dental = rules.plan(Category.DENTAL, Urgency.ROUTINE)
    routine = rules.plan(Category.MENTAL_HEALTH, Urgency.ROUTINE)
    urgent = rules.plan(Category.MENTAL_HEALTH, Urgency.URGENT)
    assert (dental.look_in_days, dental.overdue_days) == ((2, 14), 3)
    assert (routine.look_in_days, routine.overdue_days) == ((1,), 3)
    assert (urgent.look_in_days, urgent.overdue_days) == ((1,), 2)


def test_a_plan_that_names_one_field_keeps_its_own_urgencys_days_for_the_others() -> None:
    rules = Rules.model_validate({"plans": {"crisis": {"look_in_days": [2]}}})
    plan = rules.plan(Category.FOOD, Urgency.CRISIS)
    assert (plan.look_in_days, plan.agency_silent_days, plan.overdue_days) == ((2,), 1, 1)


@pytest.mark.parametrize(
    ("rules", "field", "says"),
    [
        ({"seat_held_day": 5}, "seat_held_day", "Extra inputs are not permitted"),
        ({"seat_held_days": 0}, "seat_held_days", "greater than or equal to 1"),
        ({"morning_hour": 3}, "morning_hour", "greater than or equal to 8"),
        ({"hotline": ""}, "", "whom staff call when a child is in danger"),
        ({"hotline": "the county"}, "", "name and number"),
        (
            {"emergency_procedure": {"en": "Call 911, and stay with the child."}},
            "",
            "written in en and in es",
        ),
        ({"plans": {"routine": {"look_in_days": [14, 2]}}}, "plans.routine", "write [2, 14]"),
        ({"plans": {"routine": {"ask_at_most": 60}}}, "plans.routine.ask_at_most", "or equal to 6"),
        ({"overrides": [{"category": "Astrology!"}]}, "overrides.0.category", "write dental, "),
        ({"overrides": [{"category": "astrology"}]}, "", "overrides.0 is for astrology, which is"),
        ({"minor_consents_from": {"astrology": 12}}, "", "minor_consents_from is for astrology"),
        (
            {"overrides": [{"category": "food", "urgency": "now"}]},
            "overrides.0.urgency",
            "urgent or",
        ),
        ({"overrides": [{"category": "food"}, {"category": "food"}]}, "", "make them one"),
        (
            {"overrides": [{"category": "food", "look_in_days": [3, 1]}]},
            "",
            "look_in_days go from early to late",
        ),
        (
            {"holidays": [{"name": "", "first": "2026-12-21", "last": "2026-12-21"}]},
            "holidays.0.name",
            "at least 1",
        ),
    ],
)
def test_a_rule_that_cannot_be_is_refused_by_its_place_with_what_to_do(
    rules: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        Rules.model_validate(rules)
    fault = refused.value.errors()[0]
    assert ".".join(str(part) for part in fault["loc"]) == field
    assert says in fault["msg"]


def test_the_committed_schema_is_current() -> None:
    says = "run `python -m services.referral.rules_file` and commit its change"
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), says


def test_the_schema_takes_what_the_model_takes_and_refuses_an_unknown_field() -> None:
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert list(validator.iter_errors(DISTRICT)) == []
    assert list(validator.iter_errors({**DISTRICT, "seat_held_day": 5}))


def test_a_district_begins_with_its_file_or_with_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(DISTRICT), encoding="utf-8")
    assert first_rules(file).seat_held_days == 5
    assert first_rules(None) == Rules()


def test_the_example_of_the_documentation_is_taken(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    file = tmp_path / "rules.yaml"
    file.write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    for place, example in enumerate(page.split("```yaml\n")[1:]):
        also = tmp_path / f"{place}.yaml"
        also.write_text(example.split("```")[0], encoding="utf-8")
        first_rules(also)
    rules = first_rules(file)
    assert rules.plan(Category.FOOD, Urgency.ROUTINE).look_in_days == (2, 14)
    assert [each.name for each in rules.holidays] == ["Winter break"]
    file.write_text("plans: [unclosed", encoding="utf-8")
    with pytest.raises(RulesFileError, match=r"is no YAML \(line 1"):
        first_rules(file)


def test_a_file_that_holds_no_rules_is_refused_by_place(tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"plans": {"routine": {"overdue_days": 0}}}), encoding="utf-8")
    with pytest.raises(RulesFileError, match=r"plans\.routine\.overdue_days: .* equal to 1"):
        first_rules(file)
    with pytest.raises(RulesFileError, match="ENLACE_RULES_FILE"):
        first_rules(tmp_path / "missing.json")


def test_the_sample_district_names_a_line_that_reaches_nobody() -> None:
    rules = first_rules(Path(__file__).parents[2] / "deploy" / "local" / "district" / "rules.yaml")
    assert re.search(r"555-01\d\d", rules.hotline)


def test_every_district_has_a_hotline_and_a_procedure_in_both_languages() -> None:
    rules = Rules()
    assert re.search(r"\d{3}-\d{4}", rules.hotline)
    for language in ("en", "es"):
        assert "911" in rules.emergency_procedure[Language(language)]


def test_rules_stored_before_a_line_had_to_be_named_have_the_national_one() -> None:
    kept = RulesVersion(id="00000001", number=1, rules=Rules(), by="referral", at=NOW).to_document()
    kept["rules"]["hotline"] = ""
    assert RulesVersion.from_document(kept).rules.hotline == Rules().hotline
