"""Both languages are complete, and every event has its sentence."""

import re
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest

from contracts.categories import SHIPPED, Category
from contracts.code import Code
from contracts.codes import Outcome, Relation, ReplyCode, Template
from contracts.registry import event_classes
from services.chassis.reasons import SHIPPED_REASONS
from services.portal import words
from services.portal.model.queue import GROUPS
from services.portal.model.referral import Entry
from services.portal.model.situation import Group
from services.portal.pages.lines import said
from services.portal.words import LANGUAGES, MissingWordsError, chosen_language, words_in
from services.referral.model.today_rows import NextStep, Reason

EN, ES = (words_in(language) for language in LANGUAGES)
TEMPLATES = Path(words.__file__).parents[1] / "templates"


def test_both_languages_have_the_same_words_with_the_same_values() -> None:
    assert EN.keys == ES.keys
    for key in EN.keys:
        assert fields(EN._entries[key]) == fields(ES._entries[key]), key


def fields(entry: object) -> set[str | None]:
    texts = [entry] if isinstance(entry, str) else list(dict(entry).values())  # type: ignore[call-overload] # a mapping of texts
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}


def test_every_key_that_a_template_names_is_there() -> None:
    named = {
        key
        for template in TEMPLATES.glob("*.html")
        for key in re.findall(r"\bt\('([a-z0-9._-]+)'\s*[,)]", template.read_text())
    }
    assert named > {"today.title", "family.call"}
    assert named <= EN.keys


def test_every_event_that_a_timeline_can_hold_has_its_sentence() -> None:
    told = {"referrals", "follow-ups", "offerings", "messages"}
    for kind in event_classes():
        ours = kind.__module__.startswith("contracts.")
        if ours and kind.TOPIC.name in told and "opted" not in kind.TYPE:
            short = kind.TYPE.removeprefix("org.enlace.").rsplit(".", 1)[0]
            assert EN.has(f"timeline.{short}"), short


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("relation", Relation),
        ("template", Template),
        ("reply", ReplyCode),
    ],
)
def test_every_code_has_its_word(kind: str, codes: type[Code]) -> None:
    for code in codes:
        assert EN.has(f"{kind}.{code.value}"), code


def test_every_reason_that_comes_along_is_called_something_in_both_languages() -> None:
    read = {"decline": "reason", "enter-in-error": "why-in-error", "snooze": "snooze"}
    for each in SHIPPED_REASONS.all:
        kind = read.get(each.act.value, f"why-{each.act.value}")
        assert EN.code(kind, each.code) == each.names.en
        assert ES.code(kind, each.code) == each.names.es
    assert EN.code("decline", "no-capacity") == "We have no seats", "in the agency's own voice"


def test_outcomes_that_an_agency_can_choose_are_known_codes() -> None:
    chosen = {key.removeprefix("outcome.") for key in EN.keys if key.startswith("outcome.")}
    assert chosen <= {outcome.value for outcome in Outcome}


def test_every_group_of_the_queue_has_its_word() -> None:
    for group in Group:
        assert group is Group.DONE or EN.has(f"group.{group.value}")


def test_every_reason_and_step_of_the_queue_has_its_words_and_its_group() -> None:
    for reason in Reason:
        assert reason.value in GROUPS
        assert all(EN.has(f"call.{reason.value}.{part}") for part in ("why", "line"))
    for step in NextStep:
        assert EN.has(f"step.{step.value}")


def test_a_line_of_a_timeline_says_why_where_that_is_known() -> None:
    gone = Entry(id="e1", at=datetime.now(UTC), what="referral.cancelled", about={})
    why = gone.model_copy(update={"about": {"reason": "moved-away"}})
    assert said(gone, {}, EN) == "It was given up."
    assert said(why, {}, EN) == "It was given up: the family has moved away."
    assert said(why, {}, ES) == "Se dejó de buscar: la familia se mudó."


def test_what_is_put_into_words_cannot_be_markup() -> None:
    assert "&lt;b&gt;" in EN("row.grade", grade="<b>")


def test_every_need_that_comes_along_is_called_something_in_both_languages() -> None:
    for need in Category:
        assert EN.code("category", need.value) == SHIPPED[need].en
        assert ES.code("category", need.value) == SHIPPED[need].es


def test_a_list_ends_as_people_say_it() -> None:
    assert EN.listed(["Spanish", "English"]) == "Spanish and English"
    assert ES.listed(["español", "inglés"]) == "español e inglés"
    assert ES.listed(["inglés", "español"]) == "inglés y español"
    assert ES.listed(["agua", "hielo"]) == "agua y hielo"
    assert ES.listed(["Ana y Inés"]) == "Ana y Inés"


def test_a_code_of_a_later_release_is_other() -> None:
    assert ES.code("reply", "not-known-yet") == ES("reply.other")


def test_words_that_are_missing_are_an_error() -> None:
    with pytest.raises(MissingWordsError, match=r"nothing\.like\.it"):
        EN("nothing.like.it")


@pytest.mark.parametrize(
    ("asked", "kept", "accepts", "spoken"),
    [
        ("es", "en", "en", "es"),
        (None, "es", "en-US", "es"),
        (None, None, "es-MX,es;q=0.9,en;q=0.8", "es"),
        (None, None, "fr,de", "en"),
        ("xx", None, "", "en"),
    ],
)
def test_which_language_is_spoken(
    asked: str | None, kept: str | None, accepts: str, spoken: str
) -> None:
    assert chosen_language(asked, kept, accepts) == spoken
