"""The way through the pages about partners: the directory, telephoned seats, an agreement."""

import re

from playwright.sync_api import expect

from deploy.local.demo.cast import Asked
from tests.journeys.coordinator import WAIT, Walk

PDF = b"%PDF-1.7\n%Signed by both sides, plainly invented\n%%EOF\n"


def find_service(way: Walk, asked: Asked) -> None:
    """Find a service by its name in the directory and read its page."""
    page = way.page
    page.goto("/partners")
    page.locator("#q").fill(asked.service_name)
    way.press("new.find")
    way.look()
    page.locator(f'a[href="/partners/services/{asked.service}"]').click()
    expect(page.get_by_role("heading", level=1)).to_have_text(asked.service_name)
    expect(page.get_by_text(asked.agency_name).first).to_be_visible()
    way.look()
    page.locator(f'a[href="/partners/agencies/{asked.agency}"]').click()
    expect(page.get_by_role("heading", level=1)).to_have_text(asked.agency_name)
    way.look()


def record_seats(way: Walk, asked: Asked, free: int) -> None:
    """Record what the agency told by telephone; the board shows it as told today."""
    way.page.goto("/partners/seats")
    way.look()
    row = way.page.locator(f"#s-{asked.service}")
    row.locator("summary").click()
    taken = int(row.locator("input[name=maximum]").input_value() or 0)
    row.locator("input[name=available]").fill(str(free))
    row.locator("input[name=maximum]").fill(str(taken + free))
    way.look()
    row.get_by_role("button", name=str(way.words("seats.record"))).click()
    way.reads("done.seats-told")
    expect(row.locator(".seats b")).to_have_text(str(free), timeout=WAIT)


def choose_who_goes_first(way: Walk, asked: Asked) -> None:
    """Look at who waits for a service's seats, and choose who goes first."""
    way.page.goto(f"/partners/seats/{asked.service}/waitlist")
    way.look()
    way.choose("policy", "first-come")
    way.press("waits.choose-do")
    way.reads("done.policy")
    way.reads("chosen-by.service")
    way.look()


def renew_agreement(way: Walk, asked: Asked) -> None:
    """Renew an agreement, change the draft, keep what was signed, put it in force, end it."""
    page = way.page
    page.goto("/partners/agreements")
    way.look()
    page.goto(f"/partners/agencies/{asked.agency}")
    page.locator('a[href^="/partners/agreements/"]').first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(asked.agency_name)
    way.look()
    page.locator("summary", has_text=str(way.words("agree.renew"))).click()
    way.press("agree.renew-do")
    way.reads("done.agreement-renew")
    way.reads("agree.changes")
    way.look()
    page.locator('a[href$="/change"]').click()
    way.look()
    page.locator("#accepted-t").fill("80")
    page.locator("#accepted-d").fill("2")
    way.choose("waitlist", "urgency")
    way.press("draft.keep")
    way.reads("done.agreement-draft")
    way.reads("metric.accepted-within", target=80, n=2)
    way.look()
    page.locator("#paper").set_input_files(
        {"name": "signed.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    way.press("consent.paper-keep")
    way.reads("done.document")
    with page.expect_download() as kept:
        page.locator('a[href*="/documents/"]').first.click()
    assert kept.value.path().read_bytes() == PDF
    way.press("agree.submit")
    way.reads("done.agreement-submit")
    way.look()
    page.locator("summary", has_text=re.compile(str(way.words("agree.end")) + "$")).click()
    page.locator("#because").fill("It was made to try the page.")
    way.press("agree.end-do")
    way.reads("done.agreement-end")
    way.look()
