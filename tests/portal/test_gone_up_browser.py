"""What has gone up, in a real browser: both widths, both languages, axe."""

from collections.abc import Callable

import pytest

from tests.portal.running import Portal
from tests.portal.samples import referral_id
from tests.portal.samples_parts import short_follow_ups
from tests.portal.samples_up import shown, told, withheld
from tests.portal.test_browser import WIDTHS, Opened, browser, faults_of, opened, shot

__all__ = ["browser", "opened"]

LUIS = f"/referrals/{referral_id(2)}"
TOLD = f"/referrals/{referral_id(4)}/hand-off"


def nothing(portal: Portal) -> None:
    portal.services.today = []


def at_the_school(portal: Portal) -> None:
    crisis = withheld(urgency="crisis", covering_for="coordinator-02")
    portal.services.today = [crisis, withheld(6, owner=None), told()]


def at_the_district(portal: Portal) -> None:
    portal.services.today = [shown(), withheld(level="district"), told(level="district")]
    known = portal.services.find(referral_id(2))
    assert known is not None
    known |= {"follow_ups": short_follow_ups(), "coordinator": "coordinator-01"}


def out_of_sight(portal: Portal) -> None:
    at_the_school(portal)
    portal.services.referrals = []
    portal.services.handed |= {
        "to": None,
        "consented": False,
        "without_consent": None,
        "withheld": True,
        "by": "coordinator-01",
    }


PAGES: dict[str, tuple[str, str, Callable[[Portal], None]]] = {
    "up-lead": ("/", "principal-01", at_the_school),
    "up-lead-none": ("/", "principal-01", nothing),
    "up-district": ("/", "admin", at_the_district),
    "up-district-none": ("/", "admin", nothing),
    "up-follow-up": (f"{LUIS}/follow-ups", "admin", at_the_district),
    "up-referral": (LUIS, "admin", at_the_district),
    "up-hand-over": (f"{LUIS}/do/hand-over", "admin", at_the_district),
    "up-told": (TOLD, "principal-01", out_of_sight),
}


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_what_has_gone_up_is_accessible_and_fits(
    name: str, size: str, opened: Opened, portal: Portal
) -> None:
    path, who, change = PAGES[name]
    change(portal)
    for language in ("en", "es"):
        page = opened(path, who=who, size=size, language=language)
        shot(page, f"{name}-{size}-{language}")
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        small = page.evaluate(
            """[...document.querySelectorAll('a.btn,button,summary,.tap,.tabs a,.choose label')]
            .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44)
            .map(e => e.outerHTML)"""
        )
        assert size == "desk" or small == []
