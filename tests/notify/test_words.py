"""The words: all there, in both languages, short enough to be read on a phone."""

from datetime import timedelta

import pytest

from contracts.agencies import PaperKind
from contracts.codes import Channel, Language, LinkPurpose, Template
from services.chassis.links import derive_code, derive_token
from services.chassis.sites import Site
from services.notify.mail_stops import MailStops
from services.notify.model.cause import IDENTITY, LinkSource, Many
from services.notify.model.rules import RULES
from services.notify.model.segments import count_parts
from services.notify.wording.grammar import MissingValueError
from services.notify.wording.source import shipped
from services.notify.words import HIDDEN, Words, Written
from tests.notify.build import NOW, message

KEY = b"k" * 32
LINCOLN = Site(name="Lincoln Elementary", coordinator="Rosa Mendez", phone="+15105550100")
UNLISTED = Site(name="site-01", coordinator="", phone="")
STOPS = MailStops(KEY, "https://enlace.example.org/notify")
WORDS = Words(KEY, "https://enlace.example.org/", STOPS)
LANGUAGES = (Language.SPANISH, Language.ENGLISH)
BY_MAIL = [each for each in RULES if each is not Template.STOP_CONFIRMED]


def written(
    template: Template,
    language: Language,
    *,
    channel: Channel = Channel.SMS,
    site: Site = LINCOLN,
    first: bool = True,
    name: str = "Elena",
) -> Written:
    purpose: str = LinkPurpose.AGENCY_ANSWER
    if template.startswith("family"):
        purpose = LinkPurpose.FAMILY_STATUS
    if template is Template.AGENCY_IDENTITY_CODE:
        purpose = IDENTITY
    if template.startswith("agency-delete"):
        purpose = LinkPurpose.AGENCY_DELETION
    if template.startswith("agency-offers"):
        purpose = LinkPurpose.AGENCY_BATCH
    if template is Template.AGENCY_ENTRIES:
        purpose = LinkPurpose.AGENCY_ENTRIES
    asked = message(
        template=template,
        language=language,
        channel=channel,
        links=(LinkSource(purpose=purpose, subject="s-1", nonce="n-1", number="4821"),),
        many=Many(count=30, taken=18, left=12, result="no-seat"),
        paper=PaperKind.INSURANCE,
        appointment=NOW + timedelta(days=9),
        answer_by=NOW + timedelta(days=2),
        expires=NOW + timedelta(minutes=10),
        choices=(NOW, NOW + timedelta(days=2)),
    )
    return WORDS.write(
        asked,
        name=name,
        zone="America/Los_Angeles",
        site=site,
        first=first,
        said="Rosa Mendez\nThank you. I will call you today.",
    )


def test_every_template_has_a_rule() -> None:
    assert set(RULES) == set(Template)


def test_every_template_has_its_words_in_a_file_of_its_name() -> None:
    assert set(RULES) <= set(shipped())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", sorted(RULES))
@pytest.mark.parametrize("site", [LINCOLN, UNLISTED], ids=["listed", "unlisted"])
def test_a_text_is_one_line_of_few_parts(
    template: Template, language: Language, site: Site
) -> None:
    body = written(template, language, site=site).body
    assert body == " ".join(body.split())
    assert 1 <= count_parts(body) <= (1 if language is Language.ENGLISH else 2), body


@pytest.mark.parametrize("template", sorted(set(RULES) - {Template.FAMILY_DID_HELP_ARRIVE}))
def test_spanish_fits_the_short_alphabet_unless_a_name_does_not(template: Template) -> None:
    body = written(template, Language.SPANISH).body
    assert not set("áíóúÁÍÓÚ") & set(body), body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", sorted(BY_MAIL))
def test_a_mail_has_a_subject_and_greets_by_name(template: Template, language: Language) -> None:
    mail = written(template, language, channel=Channel.EMAIL)
    assert mail.subject
    assert "\n" not in mail.subject
    assert "Subject" not in mail.body
    assert "\n\n\n" not in mail.body
    if template is not Template.AGENCY_IDENTITY_CODE:
        assert "Elena" in mail.body
        assert "Rosa Mendez\nLincoln Elementary\n(510) 555-0100\n" in mail.body


def test_a_familys_first_text_is_from_a_person_with_a_link_and_a_way_out() -> None:
    token = derive_token(
        KEY, purpose="family-status", subject="s-1", recipient="per-1", nonce="n-1"
    )
    body = written(Template.FAMILY_ASKED, Language.SPANISH).body
    assert body == (
        "Soy Rosa Mendez, de Lincoln Elementary. Ya pedimos la ayuda para su familia. Le avisamos "
        f"cuando respondan. Siga el estado en https://enlace.example.org/f/{token} "
        "Para no recibir mensajes responda ALTO."
    )
    assert "ALTO" not in written(Template.FAMILY_ASKED, Language.SPANISH, first=False).body


def test_the_question_asks_for_yes_or_no() -> None:
    assert "Responda SÍ o NO" in written(Template.FAMILY_DID_HELP_ARRIVE, Language.SPANISH).body
    assert "YES or NO" in written(Template.FAMILY_DID_HELP_ARRIVE, Language.ENGLISH).body


def test_a_code_goes_out_and_neither_code_nor_token_is_kept() -> None:
    code = derive_code(KEY, purpose="identity", subject="s-1", recipient="per-1", nonce="n-1")
    mail = written(Template.AGENCY_IDENTITY_CODE, Language.ENGLISH)
    assert mail.body == (
        f"Your code is {code}. It works for 10 minutes. Do not share it with anybody."
    )
    assert mail.kept == mail.body.replace(code, HIDDEN)
    kept = written(Template.AGENCY_OFFER, Language.ENGLISH).kept
    assert kept == (
        "Lincoln Elementary: Can you take a family? Reply YES 4821 or NO 4821 by Thu, Nov 26: "
        f"https://enlace.example.org/a/{HIDDEN} Reply STOP to end."
    )


def test_what_is_missing_is_an_error_and_no_blank() -> None:
    bare = message(links=())
    with pytest.raises(MissingValueError, match="link"):
        WORDS.write(bare, name="Elena", zone="America/Los_Angeles", site=LINCOLN, first=False)


def test_a_mail_to_nobody_by_name_is_an_error_and_no_dear_none() -> None:
    mail = message(channel=Channel.EMAIL)
    with pytest.raises(MissingValueError, match="name"):
        WORDS.write(mail, name="\u200f\n", zone="UTC", site=LINCOLN, first=False)


def test_who_reads_neither_language_gets_both_in_one_message() -> None:
    both = message(language=Language.ENGLISH, also=Language.SPANISH)
    body = WORDS.write(both, name="Pa", zone="UTC", site=LINCOLN, first=False).body
    english, spanish = body.split(" / ")
    assert "We asked for help for your family." in english
    assert spanish.startswith("Ya pedimos la ayuda para su familia.")
    mail = message(language=Language.ENGLISH, also=Language.SPANISH, channel=Channel.EMAIL)
    letter = WORDS.write(mail, name="Pa", zone="UTC", site=LINCOLN, first=False)
    assert letter.subject == (
        "We have asked for the help for your family / Ya pedimos la ayuda para su familia"
    )
    assert "Dear Pa,\n\nThis is Rosa Mendez from Lincoln Elementary.\nWe have asked" in letter.body
    assert "Buenos días, Pa:\n\nSoy Rosa Mendez, de Lincoln Elementary.\nYa pedimos" in letter.body


def test_a_long_name_costs_no_second_part() -> None:
    long = Site(name="Lincoln Elementary", coordinator="Maximiliana " * 17, phone="")
    body = written(Template.FAMILY_ASKED, Language.ENGLISH, site=long).body
    assert body.startswith("Lincoln Elementary: We asked")
    assert count_parts(body) == 1


def test_a_name_of_200_letters_is_shortened_and_never_cuts_a_link() -> None:
    long = Site(name="Academy " * 25, coordinator="x" * 200, phone="")
    token = derive_token(
        KEY, purpose="family-status", subject="s-1", recipient="per-1", nonce="n-1"
    )
    for language in LANGUAGES:
        body = written(Template.FAMILY_ASKED, language, site=long).body
        assert f"https://enlace.example.org/f/{token} " in body
        assert count_parts(body) == 2
