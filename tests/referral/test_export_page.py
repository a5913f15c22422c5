"""A family's copy as a page: every code in words, every time as the school's clock shows it."""

from datetime import date
from enum import StrEnum
from typing import Any

import pytest

from contracts.codes import Audience, Channel, Outcome, Relation, ReleasedPart, Urgency
from contracts.consents import ConsentMethod, ReceiptMethod
from contracts.follow_ups import FollowUpCause, FollowUpKind
from contracts.help_requests import RequestSource
from services.chassis.scan import ScanKind
from services.chassis.sites import Site, Sites
from services.referral.api.disclosure_report import ReportLanguage, ReportWords
from services.referral.api.export_page import Known, accounts_in, write_export
from services.referral.model.attempts import AttemptKind, Interpreter
from services.referral.model.care import TeamRole
from services.referral.model.consent_terms import Purpose, RevocationReason
from services.referral.model.deletion import DeletionState
from services.referral.model.follow_up import FollowUpState
from services.referral.model.hand_off import HandOffWay
from services.referral.model.help_request import Handling, RequestState
from services.referral.model.household import Insurance
from services.referral.model.meeting import TaskState
from services.referral.model.people import Enrolment
from services.referral.model.referral import BusinessStatus, State
from services.referral.model.rules import Rules

SMILES = "agy-smiles"
KNOWN = Known(
    others={SMILES: "Bright Smiles", "svc-smiles": "Dental clinic"},
    staff={"rosa": "Rosa Medina"},
    accounts=frozenset({"rosa", "olga-17"}),
    sites=Sites({"site-01": Site(name="Lincoln Elementary", coordinator="Rosa", phone="+1")}),
    zone="America/Los_Angeles",
)

CODES: dict[str, type[StrEnum]] = {
    "audience": Audience,
    "because": FollowUpCause,
    "business": BusinessStatus,
    "channel": Channel,
    "confirmed": ReceiptMethod,
    "deletion": DeletionState,
    "enrolment": Enrolment,
    "follow-up": FollowUpKind,
    "follow-up-state": FollowUpState,
    "handled": Handling,
    "help": RequestState,
    "insurance": Insurance,
    "interpreter": Interpreter,
    "kind": AttemptKind,
    "method": ConsentMethod,
    "outcome": Outcome,
    "part": ReleasedPart,
    "preferred": Channel,
    "purpose": Purpose,
    "relation": Relation,
    "revoked": RevocationReason,
    "role": TeamRole,
    "scan": ScanKind,
    "source": RequestSource,
    "state": State,
    "task": TaskState,
    "urgency": Urgency,
    "way": HandOffWay,
}


def words(language: ReportLanguage) -> ReportWords:
    rules = Rules()
    return ReportWords(language, rules.needs, rules.spoken, rules.whys)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", CODES)
def test_every_code_that_a_copy_can_hold_has_its_words(kind: str, language: ReportLanguage) -> None:
    say = words(language)
    for code in CODES[kind]:
        assert f"{kind}.{code.value}" in say.keys, code


def page(language: ReportLanguage = "es", **sections: list[dict[str, Any]]) -> str:
    return write_export(sections, date(2026, 10, 13), KNOWN, words(language), cut=False)


REFERRAL = {
    "child": "Ana",
    "school": "site-01",
    "category": "dental",
    "state": "cancelled",
    "business": "awaiting-family",
    "reason": "moved-away",
    "created_at": "2026-10-13T17:05:00+00:00",
    "held_until": "2026-10-20",
    "coordinator": "rosa",
    "closed_by": "olga-17",
    "asked": [{"agency": SMILES, "service": "svc-smiles"}],
    "agency": SMILES,
    "outcome": "partly-met",
    "follows": "01930000-0000-7000-8000-000000000101",
    "history": ["2026-10-13T17:05:00+00:00 referral.created"],
}
MEETING = {
    "people": ["Elena Prado", "olga-17"],
    "roles": ["nurse", "other"],
    "tasks": [{"what": "Llamar", "owner": "rosa", "due_on": "2026-10-20", "state": "open"}],
}
CONSENT = {
    "given_by": "01930000-0000-7000-8000-000000000102",
    "revoked_by": "rosa",
    "read_in": "mix",
    "method": "verbal-witnessed",
}


@pytest.mark.parametrize(
    ("language", "agency", "service"),
    [
        ("en", "an agency whose name is not in this copy", "a service whose name"),
        ("es", "una agencia cuyo nombre no está en esta copia", "un servicio cuyo nombre"),
    ],
)
def test_no_id_stands_on_the_page_for_a_name_that_nobody_passed(
    language: ReportLanguage, agency: str, service: str
) -> None:
    asked = [{"agency": "agy-77", "service": "svc-77"}]
    unknown = REFERRAL | {"asked": asked, "agency": "agy-77", "service": "svc-77"}
    text = page(language, referrals=[unknown], consents=[CONSENT | {"agencies": ["agy-77"]}])
    assert "-77" not in text
    assert text.count(agency) == 3
    assert service in text


def test_a_place_outside_the_network_is_called_as_it_was_written_down() -> None:
    handed = REFERRAL | {"agency": "Food bank, 5th Street", "handed_how": "letter"}
    assert "Food bank, 5th Street" in page("en", referrals=[handed])
    erased = page("en", referrals=[handed | {"agency": REFERRAL["follows"]}])
    assert "a place whose name is not in this copy" in erased


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "es",
            (
                "Lincoln Elementary",
                "la familia se mudó",
                "13 de octubre de 2026, 10:05",
                "20 de octubre de 2026",
                "Bright Smiles: Dental clinic",
                "se logró en parte",
                "Llamar (Rosa Medina, para el 20 de octubre de 2026: por hacer)",
                "personal de la escuela",
                "alguien cuyo nombre no está en esta copia",
                "mixteco",
                "de palabra, ante un testigo",
            ),
        ),
        (
            "en",
            (
                "the family has moved away",
                "October 13, 2026, 10:05",
                "Llamar (Rosa Medina, by October 20, 2026: to do)",
                "the school&#39;s staff",
                "Mixteco",
            ),
        ),
    ],
)
def test_people_agencies_schools_and_times_are_said_as_people_say_them(
    language: ReportLanguage, said: tuple[str, ...]
) -> None:
    text = page(language, referrals=[REFERRAL], meetings=[MEETING], consents=[CONSENT])
    assert [each for each in said if each not in text] == []
    raw = ("site-01", SMILES, "svc-", "moved-away", "olga-17", "0193", "UTC", "T17", "referral.")
    assert [each for each in raw if each in text] == []


def test_accounts_of_staff_are_those_that_nobody_else_can_stand_for() -> None:
    assert accounts_in({"referrals": [REFERRAL], "meetings": [MEETING]}) == {"rosa", "olga-17"}
