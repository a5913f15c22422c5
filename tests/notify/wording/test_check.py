"""The checker: what comes with Enlace passes, and each kind of fault is found."""

from dataclasses import replace

import pytest

from contracts.codes import Channel, Language, Template
from services.notify.model.segments import count_parts
from services.notify.wording.check import FITTING, check, fitting, named_needs, tried
from services.notify.wording.frame import MOST_PARTS
from services.notify.wording.source import (
    LANGUAGES,
    Part,
    Sensitivity,
    Source,
    TemplateFault,
    read_source,
    shipped,
)

ASKED = shipped()["family-asked"]
TEXT_ES, TEXT_EN = (Channel.SMS, Language.SPANISH), (Channel.SMS, Language.ENGLISH)


def worded(words: str, source: Source = ASKED, where: tuple[Channel, Language] = TEXT_EN) -> Source:
    return source.having({where: Part(words)})


def rules(source: Source) -> set[str]:
    return {each.rule for each in check(source)}


@pytest.mark.parametrize("name", sorted(shipped()))
def test_what_comes_with_enlace_passes(name: str) -> None:
    assert check(shipped()[name]) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(shipped()))
def test_95_of_100_realistic_texts_take_few_parts(name: str, language: Language) -> None:
    parts = [count for _, count in tried(shipped()[name], language)]
    assert sum(each <= MOST_PARTS[language] for each in parts) / len(parts) >= FITTING
    assert max(parts) <= MOST_PARTS[language] + 1, "and none is long"


def test_the_parts_are_those_of_the_texts_as_they_go_out() -> None:
    for text, parts in tried(ASKED, Language.SPANISH):
        assert parts == count_parts(text)
        assert "{" not in text


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("We asked for help: {{ linc }}", "grammar"),
        ("We asked for help.", "values"),
        ("We asked a dentist's shelter for you: {{ link }}", "sensitive"),
        ("We asked a counselor for you: {{ link }}", "sensitive"),
        ("Dear Mrs. {{ name }}, see: {{ link }}", "values"),
        ("We asked your dear (a)(o): {{ link }}", "gender"),
        ("We have asked everybody for the help that you need. " * 3 + "{{ link }}", "length"),
        ("Authorization confirmation facilitates interventions {{ link }}", "reading"),
    ],
)
def test_words_with_a_fault_are_found(words: str, rule: str) -> None:
    assert rule in rules(worded(words))


def test_spanish_words_are_held_to_the_same() -> None:
    named = worded("Pedimos un psicólogo para ustedes: {{ link }}", where=TEXT_ES)
    assert "sensitive" in rules(named)
    assert "gender" in rules(worded("Estimada familia, vea: {{ link }}", where=TEXT_ES))
    long = "Pedimos la ayuda y les avisamos. " * 9 + "{{ link }}"
    assert "length" in rules(worded(long, where=TEXT_ES))


def test_an_accent_that_doubles_what_a_text_costs_is_found() -> None:
    plain = "Pedimos ya la ayuda para ustedes y les vamos a avisar en cuanto la clinica responda. "
    assert rules(worded(plain + "{{ link }}", where=TEXT_ES)) == set()
    accented = plain.replace("clinica", "clínica") + "Pronto sabremos. {{ link }}"
    assert rules(worded(accented, where=TEXT_ES)) == {"length"}


def test_a_language_that_is_missing_is_found() -> None:
    parts = {key: part for key, part in ASKED.parts.items() if key != TEXT_ES}
    assert rules(replace(ASKED, parts=parts)) == {"languages"}


def test_a_value_that_the_cause_does_not_give_is_found() -> None:
    header = ASKED.header.model_copy(update={"values": ("link", "paper")})
    says = [each.says for each in check(replace(ASKED, header=header))]
    assert "org.enlace.referral.offered.v1 has no field that gives 'paper'" in says


def test_a_value_of_another_type_than_the_causes_is_found() -> None:
    offers = shipped()["agency-offers"]
    header = offers.header.model_copy(update={"answers": ("offering.opened",)})
    found = check(replace(offers, header=header))
    assert [each.says for each in found] == [
        "org.enlace.offering.opened.v1 has no field that gives 'families'"
    ]


def test_front_matter_that_disagrees_with_the_rules_of_sending_is_found() -> None:
    header = ASKED.header.model_copy(update={"sensitivity": Sensitivity.NONE})
    assert rules(replace(ASKED, header=header)) == {"front-matter"}
    header = ASKED.header.model_copy(update={"stop_line": False})
    assert rules(replace(ASKED, header=header)) == {"stop"}
    header = ASKED.header.model_copy(update={"answers": ("referral.sent",)})
    assert rules(replace(ASKED, header=header)) == {"front-matter"}


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("They help with the dentist and food", []),
        ("a place in the shelter", ["shelter"]),
        ("atención de salud mental", ["mental"]),
        ("abogado de inmigración", ["inmigra"]),
        ("fundamental", []),
    ],
)
def test_needs_that_can_harm_are_known_in_both_languages(words: str, named: list[str]) -> None:
    assert set(named) <= set(named_needs(words))
    assert bool(named_needs(words)) is bool(named)


@pytest.mark.parametrize(
    "file",
    [
        "no front matter",
        "---\npurpose: x\n---\n## text es\nhola\n",
        "---\n- a list\n---\n",
        "---\n: : :\n---\n",
    ],
)
def test_a_file_that_is_none_is_told_by_its_name(file: str) -> None:
    with pytest.raises(TemplateFault, match="family-new"):
        read_source("family-new", file)


HEAD = """---
purpose: Says something.
audience: family
channels: [text, email]
sensitivity: none
signs: school
answers: [help-request.handled]
---
"""


@pytest.mark.parametrize(
    "parts",
    [
        "## fax es\nhola\n",
        "## text es\nhola\n## text es\nhola\n",
        "## email es\nhola\n",
        "## email es\nSubject:\n\nhola\n",
    ],
)
def test_parts_that_cannot_be_read_are_told(parts: str) -> None:
    with pytest.raises(TemplateFault, match="family-new"):
        read_source("family-new", HEAD + parts)


def test_every_file_of_a_template_says_for_what_it_is_sent() -> None:
    for template in Template:
        assert shipped()[template].header.purpose.endswith(".")


def test_fitting_is_a_share() -> None:
    assert 0.95 <= fitting(ASKED, Language.ENGLISH) <= 1
