"""A coordinator's way through the pages, from signing in to a follow-up that is done."""

import re
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, expect

from deploy.local.demo.cast import Asked, Child
from services.portal.words import Words, words_in
from tests.portal.test_browser import WIDTHS, faults_of

WAIT = 150_000
"""Milliseconds that something may take which another service has to hear of first."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One browser in one language at one width."""

    page: Page
    words: Words
    size: str

    def look(self) -> None:
        """Hold a page to axe and to its width."""
        assert faults_of(self.page) == [], self.page.url
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def press(self, key: str, **values: object) -> None:
        """Press a button by its words."""
        name = str(self.words(key, **values))
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def reads(self, key: str, **values: object) -> None:
        """Wait until the page says something."""
        said = str(self.words(key, **values))
        expect(self.page.get_by_text(said).filter(visible=True).first).to_be_visible(timeout=WAIT)

    def choose(self, name: str, value: str) -> None:
        """Choose one of a form's radios."""
        self.page.locator(f'main input[name="{name}"][value="{value}"]').first.check()


def walk(browser: Browser, url: str, language: str, size: str) -> Walk:
    """Return a fresh browser."""
    width, height = WIDTHS[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        base_url=url,
        locale=f"{language}-US",
        has_touch=size == "phone",
    )
    return Walk(context.new_page(), words_in(language), size)


def sign_in(way: Walk, who: str) -> None:
    """Sign in at the provider and see whom to help first."""
    way.page.goto("/")
    way.page.get_by_role("link", name=str(way.words("nav.sign-in"))).click()
    way.page.locator("input[name=sub]").fill(who)
    way.page.keyboard.press("Enter")
    expect(way.page.get_by_role("button", name=str(way.words("nav.sign-out")))).to_be_visible(
        timeout=WAIT
    )
    way.look()


def write_down(way: Walk, child: Child, category: str, need: str) -> str:
    """Write a crisis down from today's page; returns the referral's id."""
    page = way.page
    page.get_by_role("link", name=str(way.words("today.new"))).click()
    way.look()
    page.locator("#q").fill(child.name.split()[-1])
    way.press("new.find")
    page.locator(f'a[href*="student={child.id}"]').click()
    way.choose("category", category)
    page.locator("#need").fill(need)
    way.choose("urgency", "crisis")
    way.look()
    way.press("new.next")
    way.reads("emergency.title")
    found = re.search(r"/referrals/([0-9a-f-]{36})", page.url)
    assert found is not None
    way.look()
    return found[1]


def record_consent(way: Walk, child: Child) -> None:
    """Read the consent out in the family's language, and record that it was agreed to."""
    tab(way, "consent")
    way.reads("consent.missing", need=way.words.code("need", "dental"))
    way.choose("given_by", child.contact)
    way.choose("method", "verbal-witnessed")
    way.page.locator("#witness").fill("Tomasa Lee")
    way.page.locator("#read_in").select_option("es")
    way.look()
    way.press("consent.read-out")
    expect(way.page.get_by_text("Puedo retirarlo cuando quiera")).to_be_visible()
    way.look()
    way.page.locator("input[name=agreed]").check()
    way.press("consent.record")
    way.reads("done.consent")
    way.look()


def send(way: Walk, missed: Asked) -> None:
    """Ask why not about a place by its name, then ask the first one that could help."""
    home = way.page.url.split("/consent")[0]
    way.page.goto(home)
    # Beside it stands the queue, with the same link for other children.
    way.page.locator(f'a[href$="{home.rpartition("/")[2]}/ask"]').filter(visible=True).first.click()
    way.page.locator("input[name=place]").first.check()
    ask_why_not(way, missed)
    expect(way.page.locator("input[name=place]").first).to_be_checked()
    way.look()
    way.page.locator("form button.primary").click()
    way.reads("done.offer")
    way.look()


def ask_why_not(way: Walk, asked: Asked) -> None:
    """On the page of the places, ask about one by its name."""
    page = way.page
    page.locator("#why-name").fill(asked.agency_name)
    way.press("ask.why-do")
    expect(page.locator("#why .box").first).to_contain_text(asked.agency_name)
    way.look()


def log_contact(way: Walk, words: str) -> None:
    """Log a call: on a phone while there is no signal, which enters it once there is one."""
    tab(way, "contacts")
    way.choose("reached", "yes")
    way.page.locator("#words").fill(words)
    way.look()
    if way.size == "phone":
        way.page.context.set_offline(True)
        way.press("contact.record")
        way.reads("keep.one", n=1)
        way.page.context.set_offline(False)
        way.reads("keep.sent")
        way.page.reload()
    else:
        way.press("contact.record")
        way.reads("done.contact")
    expect(way.page.locator("li .said", has_text=words)).to_have_count(1)


def write_note(way: Walk, words: str) -> None:
    """Write a note for the care team."""
    tab(way, "notes")
    way.page.locator("#words").fill(words)
    way.press("note.keep")
    way.reads("done.note")
    expect(way.page.locator("article.box .said", has_text=words)).to_be_visible()
    way.look()


def finish_follow_up(way: Walk, referral: str) -> None:
    """Go from today's page to the referral, and see to what is to be looked at."""
    way.page.goto("/")
    way.page.locator(f'a.who[href^="/referrals/{referral}"]').click()
    tab(way, "follow-ups")
    waiting = way.page.locator("article.box")
    expect(waiting.first).to_be_visible()
    before = waiting.count()
    way.look()
    waiting.first.locator("textarea").fill("The aunt has room for them until Friday.")
    way.press("follow.done")
    way.reads("done.follow-done")
    expect(waiting).to_have_count(before - 1)
    way.look()


def see_who_did_what(way: Walk) -> None:
    """Read who did what, and where the offer stands."""
    tab(way, "seen")
    way.reads("staff.you")
    way.look()
    tab(way, "offers")
    expect(way.page.locator("li.box").first).to_be_visible(timeout=WAIT)
    way.look()


def give_up(way: Walk) -> None:
    """Give the referral up, with the reason."""
    way.page.goto(way.page.url.split("/offers")[0])
    way.page.locator("article details.menu summary").click()
    way.page.get_by_role("link", name=str(way.words("do.cancel"))).click()
    way.choose("reason", "family-withdrew")
    way.look()
    way.press("do.cancel-do")
    way.reads("done.cancel")
    way.look()


def tab(way: Walk, name: str) -> None:
    """Open a part of the referral."""
    way.page.locator(f'nav.tabs a[href$="/{name}"]').click()
    expect(way.page.locator('nav.tabs a[aria-current="page"]')).to_contain_text(
        str(way.words(f"tab.{name}"))
    )
