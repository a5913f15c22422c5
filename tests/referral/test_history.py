"""Lines of a referral's history: who, what, when and from where. Pure."""

from datetime import timedelta

import pytest

from services.chassis.acting import BY_TIME, Acting, ActorKind, Via
from services.referral.model.audit import Action, Actor, entry
from services.referral.model.history import (
    Line,
    of_audit,
    of_event,
    of_reading,
    of_told,
    page,
)
from tests.referral.build import NOW, disclosure


@pytest.mark.parametrize(
    ("what", "about", "expected"),
    [
        ("offering.claimed", {"agency": "agy-9"}, ("agency", "agy-9", "agency-link")),
        ("offering.progress-reported", {}, ("agency", "agy-smiles", "agency-link")),
        ("offering.promoted", {"agency": "agy-9"}, ("service", "partner", "event")),
        (
            "offering.claimed",
            {"agency": "agy-9", "recorded_by": "rosa"},
            ("staff", "rosa", "telephone"),
        ),
        ("offering.contested", {"agency": "agy-9"}, ("agency", "agy-9", "agency-link")),
        ("message.replied", {"person": "per-1"}, ("family", "per-1", "text-message")),
        ("message.sent", {"person": "per-1"}, ("service", "notify", "event")),
    ],
)
def test_what_others_told_names_who_did_it(
    what: str, about: dict[str, str], expected: tuple[str, str, str]
) -> None:
    line = of_told("e-1", NOW, what, about, "agy-smiles")
    assert (line.kind.value, line.subject, line.via and line.via.value) == expected


def test_who_wrote_an_event_is_kept_and_read_back_and_nobody_is_time() -> None:
    rosa = Acting(ActorKind.STAFF, "rosa", Via.PORTAL, "192.0.2.0/24", "r-1")
    assert Acting.of(rosa.to_document()) == rosa
    assert Acting.of(None) == BY_TIME
    line = of_event("e-1", NOW, "referral.created", rosa)
    assert (line.subject, line.via, line.address) == ("rosa", Via.PORTAL, "192.0.2.0/24")


def test_a_reading_says_which_parts_by_which_consent() -> None:
    line = of_reading(disclosure())
    assert (line.what, line.kind, line.subject) == ("identity.read", "agency", "agy-smiles")
    assert line.about == {"consent": "con-1", "service": "svc-smiles", "parts": "name"}
    late = of_reading(disclosure(made_at=NOW - timedelta(days=1)))
    assert (late.at, late.about["made_at"]) == (NOW, (NOW - timedelta(days=1)).isoformat())


def test_the_audit_logs_own_acts_are_the_services() -> None:
    by_itself = entry(Actor("referral"), Action.ERASURE_ORDERED, NOW, id="a-1")
    read = Actor("denise", ("coordinator:site-02",), "r-1", "192.0.2.0/24", "api")
    behind = of_audit(entry(read, Action.BREAK_GLASS_READ, NOW, id="a-2"))
    assert of_audit(by_itself).kind is ActorKind.SERVICE
    assert (behind.kind, behind.via, behind.what) == ("staff", Via.API, "break-glass-read")


def test_pages_are_the_newest_of_all_lists_and_two_of_one_moment_have_an_order() -> None:
    def line(id: str, minutes: int) -> Line:
        return of_event(id, NOW - timedelta(minutes=minutes), "referral.created", BY_TIME)

    lists = [[line("b", 1), line("d", 5)], [line("a", 0), line("c", 1)]]
    assert [each.id for each in page(lists, 3)] == ["a", "c", "b"]
