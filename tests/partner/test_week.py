"""A partner's week as `docs/partners/week.md` tells it, call by call, on the real service."""

import re

from contracts.event import Event
from tests.partner.guides import GUIDES
from tests.partner.subscriptions.conftest import district
from tests.partner.subscriptions.subscribed import Subscribed
from tests.walk import Walk

__all__ = ["district"]

PAGE = (GUIDES / "week.md").read_text()


async def test_the_week_is_as_the_page_tells_it(district: Subscribed) -> None:
    async def tell(event: Event) -> None:
        await district.apply(event)
        await district.pump()

    async def words(text: str) -> str:
        await district.pump()
        for said, referral in re.findall(r"(the link for ([\w-]+))", text):
            text = text.replace(said, await district.link_for(referral))
        for said, referral in re.findall(r"(the claim on ([\w-]+))", text):
            text = text.replace(said, await district.claim_on(referral))
        if "the code that was sent" in text:
            text = text.replace("the code that was sent", await district.last_code())
        answer = week.answer
        if answer is not None and "/v1/api-keys/" in str(answer.request.url):
            keys.append(answer.json()["key"])
        return text.replace("the key", keys[-1]) if keys else text

    keys: list[str] = []
    week = Walk(district.service, district.clock, tell, "admin", words)
    await week.through(PAGE)
    assert week.calls > 15, "the page lost its calls"
