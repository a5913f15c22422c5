"""One referral's parts in a real browser: both widths, both languages, axe, with and without
a signal.
"""

from collections.abc import Callable

import pytest

from tests.portal.running import Portal
from tests.portal.samples import ago, referral_id
from tests.portal.samples_parts import CONSENT, FOLLOW_UP, short_follow_ups
from tests.portal.samples_records import MEETING, OPENING, RECEIPT, REPORT, TASK, report
from tests.portal.test_browser import WIDTHS, Opened, browser, faults_of, opened, shot

__all__ = ["browser", "opened"]

LUIS = f"/referrals/{referral_id(2)}"
INES = f"/referrals/{referral_id(5)}"
MARISOL = f"/referrals/{referral_id(3)}"


def with_follow_ups(portal: Portal) -> None:
    known = portal.services.find(referral_id(2))
    assert known is not None
    known |= {"follow_ups": short_follow_ups(), "coordinator": "coordinator-01"}


def without_consent(portal: Portal) -> None:
    portal.services.parts.consents = []


def called(portal: Portal) -> None:
    portal.services.parts.report = report(
        next_step="file-the-written-report",
        called_at=ago(hours=1),
        due_at=ago(hours=-35),
        reference="A-7",
    )


def told_without_consent(portal: Portal) -> None:
    known = portal.services.find(referral_id(4))
    assert known is not None
    known |= {"state": "accepted", "hand_off": referral_id(62)}
    portal.services.handed |= {"consented": False, "without_consent": "In a hurry"}


PAGES: dict[str, tuple[str, Callable[[Portal], None] | None]] = {
    "part-happened": (LUIS, with_follow_ups),
    "part-contacts": (f"{LUIS}/contacts", with_follow_ups),
    "part-follow-ups": (f"{LUIS}/follow-ups#f-{FOLLOW_UP}", with_follow_ups),
    "part-consent": (f"{LUIS}/consent", with_follow_ups),
    "part-consent-missing": (f"{INES}/consent", without_consent),
    "part-take-back": (f"{LUIS}/consent/{CONSENT}/take-back", None),
    "part-offers": (f"/referrals/{referral_id(8)}/offers", None),
    "ask-more": (f"/referrals/{referral_id(8)}/ask", None),
    "part-notes": (f"{LUIS}/notes", with_follow_ups),
    "part-seen": (f"{LUIS}/seen", with_follow_ups),
    "do-hold": (f"/referrals/{referral_id(9)}/do/hold", None),
    "do-hand-over": (f"{MARISOL}/do/hand-over", None),
    "correct": (f"/referrals/{referral_id(4)}/correct", None),
    "correct-sent": (f"{LUIS}/correct", None),
    "hand-off-without": (f"/referrals/{referral_id(4)}/hand-off", told_without_consent),
    "do-cancel": (f"{MARISOL}/do/cancel", None),
    "receipt": (f"/receipts/{RECEIPT}", None),
    "task": (f"/meetings/{MEETING}/tasks/{TASK}", None),
    "opening": (f"/openings/{OPENING}", None),
    "protection": ("/protection", None),
    "protection-new": (f"/protection/new?student={referral_id(80)}", None),
    "protection-report": (f"/protection/{REPORT}", None),
    "protection-called": (f"/protection/{REPORT}", called),
}


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_part_is_accessible_and_fits(
    name: str, size: str, opened: Opened, portal: Portal
) -> None:
    path, change = PAGES[name]
    if change is not None:
        change(portal)
    for language in ("en", "es"):
        page = opened(path, who="coordinator-01", size=size, language=language)
        for details in page.locator("main details").all():
            details.evaluate("d => { d.open = !d.classList.contains('menu') }")
        shot(page, f"{name}-{size}-{language}")
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        small = page.evaluate(
            """[...document.querySelectorAll('a.btn,button,summary,.tap,.tabs a,.choose label')]
            .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44)
            .map(e => e.outerHTML)"""
        )
        assert size == "desk" or small == []


def test_what_is_agreed_to_is_read_to_its_end_before_it_is_recorded(
    opened: Opened, portal: Portal
) -> None:
    without_consent(portal)
    page = opened(f"{INES}/consent", who="coordinator-01", size="phone", language="es")
    page.locator("input[name=given_by]").first.check()
    page.locator("input[name=method][value=signed-on-screen]").check()
    page.get_by_role("button", name="Seguir: leerlo juntos").click()
    page.set_viewport_size({"width": 390, "height": 600})
    agreed = page.locator("input[name=agreed]")
    below = agreed.evaluate(
        "e => e.form.querySelector('button').getBoundingClientRect().top"
        " - e.getBoundingClientRect().bottom"
    )
    assert below >= 0, "the button lies over what is agreed to"
    agreed.check()
    page.get_by_role("button", name="Anotarlo").click()
    assert [path for path, _ in portal.services.parts.puts] != []
