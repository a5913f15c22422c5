"""Agencies' inboxes during the sample's past: which link answers which offer."""

import re
from typing import Any

from deploy.local.client import Client, RefusedError
from deploy.local.demo.letters import Letters
from deploy.local.district.agencies import SampleAgency

_LINK = re.compile(r"/a/([A-Za-z0-9_-]{22})")
_CODE = re.compile(r"(?<!\d)(\d{6})(?!\d)")


class Inbox:
    """Finds links in texts and mail, as the people at the agencies would."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._letters = Letters(client)
        self._offers: dict[str, str] = {}
        self._opened: set[str] = set()

    async def link(self, agency: SampleAgency, referral: str, who: str) -> str | None:
        """Return the token of an agency's link for a referral; None where none has come.

        Args:
            agency: whose.
            referral: which offer is looked for.
            who: the coordinator, who sees which offer the agency has.
        """
        try:
            offering = await self._client.get("partner", f"/v1/offerings/{referral}", who=who)
        except RefusedError:
            return None
        mine = [each["offer"] for each in offering["offers"] if each["agency"] == agency.id]
        if not mine:
            return None
        if mine[0] not in self._offers:
            await self._read(agency)
        return self._offers.get(mine[0])

    async def code(self, agency: SampleAgency) -> str | None:
        """Return the newest code in an agency's inbox; None where none has come."""
        for words in reversed(await self._letters.got(agency.address)):
            if found := _CODE.findall(words):
                return str(found[-1])
        return None

    async def _read(self, agency: SampleAgency) -> None:
        """Open every link that has come since."""
        for words in await self._letters.got(agency.address):
            for token in _LINK.findall(words):
                if token not in self._opened:
                    self._opened.add(token)
                    card = await self.card(token)
                    self._offers[card["offer"]] = token

    async def card(self, token: str) -> dict[str, Any]:
        """Return what a link shows."""
        found = await self._client.get("partner", "/v1/answers", headers={"X-Enlace-Link": token})
        return dict(found)
