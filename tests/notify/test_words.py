"""The words: all there, in both languages, short enough to be read on a phone."""

from datetime import timedelta

import pytest
from jinja2 import UndefinedError

from contracts.codes import Channel, Language, LinkPurpose, Template
from contracts.referrals import QuestionAnswer
from deploy.local.carrier.segments import count_segments
from services.chassis.links import derive_code, derive_token
from services.chassis.sites import Site
from services.notify.model.cause import IDENTITY, LinkSource, Many
from services.notify.model.rules import RULES
from services.notify.model.segments import count_parts
from services.notify.words import HIDDEN, Words, Written
from tests.notify.build import NOW, message

KEY = b"k" * 32
LINCOLN = Site(name="Lincoln Elementary", coordinator="Rosa Mendez", phone="+15105550100")
UNLISTED = Site(name="site-01", coordinator="", phone="")
WORDS = Words(KEY, "https://enlace.example.org/")
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
        answer=QuestionAnswer(age="7-9", times=("afternoon",), word="after-yes"),
        many=Many(count=30, taken=18, left=12, result="no-seat"),
        answer_by=NOW + timedelta(days=2),
        expires=NOW + timedelta(minutes=10),
    )
    return WORDS.write(asked, name=name, zone="America/Los_Angeles", site=site, first=first)


def test_every_template_has_a_rule() -> None:
    assert set(RULES) == set(Template)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", sorted(RULES))
@pytest.mark.parametrize("site", [LINCOLN, UNLISTED], ids=["listed", "unlisted"])
def test_a_text_is_one_line_of_two_parts_at_most(
    template: Template, language: Language, site: Site
) -> None:
    # The question is seldom the first text, and its SÍ costs the long alphabet.
    first = template is not Template.FAMILY_DID_HELP_ARRIVE
    body = written(template, language, site=site, first=first).body
    assert body == " ".join(body.split())
    assert 1 <= count_parts(body) <= 2, (count_parts(body), body)


@pytest.mark.parametrize("template", sorted(set(RULES) - {Template.FAMILY_DID_HELP_ARRIVE}))
def test_spanish_fits_the_short_alphabet_unless_a_name_or_day_does_not(template: Template) -> None:
    body = written(template, Language.SPANISH).body
    assert not set("áíóúÁÍÓÚ") & set(body), body


@pytest.mark.parametrize(
    "text", ["", "x" * 160, "x" * 161, "é" * 153, "á" * 70, "á" * 71, "€" * 80, "€" * 81, "👍" * 40]
)
def test_parts_are_counted_as_the_carrier_counts(text: str) -> None:
    assert count_parts(text) == count_segments(text)


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
    assert kept.startswith("This is Rosa Mendez from Lincoln Elementary. A family needs")
    assert f"4821 by Thursday, November 26, or see: https://enlace.example.org/a/{HIDDEN} " in kept


def test_what_is_missing_is_an_error_and_no_blank() -> None:
    bare = message(links=())
    with pytest.raises(UndefinedError):
        WORDS.write(bare, name="Elena", zone="America/Los_Angeles", site=LINCOLN, first=False)
