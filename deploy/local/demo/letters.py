"""What people get: texts on their phones and mail in their inbox, with links and codes."""

import re
from urllib.parse import quote

from deploy.local.client import Client
from deploy.local.demo.watch import until

_AGENCY_LINK = re.compile(r"/a/([A-Za-z0-9_-]{22})")
_CODE = re.compile(r"(?<!\d)(\d{6})(?!\d)")


class Letters:
    """Reads one system's phones and mail, as their owners would."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def texts(self, number: str) -> list[str]:
        """Return the texts that a phone has got, oldest first."""
        found = await self._client.get("carrier", f"/sim/phones/{quote(number)}/messages")
        return [each["body"] for each in found["messages"] if each["direction"] != "inbound"]

    async def mails(self, address: str) -> list[str]:
        """Return the mails that an address has got, oldest first, as plain text."""
        found = await self._client.get("mail", "/api/messages", query={"to": address})
        return [each["text"] or "" for each in reversed(found["messages"])]

    async def got(self, address: str) -> list[str]:
        """Return what a telephone number or mail address has got, oldest first."""
        return await (self.mails(address) if "@" in address else self.texts(address))

    async def link(self, step: str, address: str, known: int) -> str:
        """Return the token of the newest answer link at an address.

        Args:
            step: for the error.
            address: a telephone number or a mail address.
            known: how many messages it had before.

        Raises:
            NotSeenError: none came.
        """
        return await self._found(step, address, known, _AGENCY_LINK, "an answer link")

    async def code(self, step: str, address: str, known: int) -> str:
        """Return the newest one-time code at an address.

        Raises:
            NotSeenError: none came.
        """
        return await self._found(step, address, known, _CODE, "a code")

    async def text(self, step: str, number: str, known: int) -> str:
        """Return the first text that a phone has got beyond those it had.

        Raises:
            NotSeenError: none came.
        """

        async def look() -> str | None:
            return next(iter((await self.texts(number))[known:]), None)

        return await until(step, f"a text to {number}", look)

    async def answer(self, number: str, words: str) -> None:
        """Text the product from a phone."""
        path = f"/sim/phones/{quote(number)}/messages"
        await self._client.post("carrier", path, {"body": words})

    async def _found(
        self, step: str, address: str, known: int, pattern: re.Pattern[str], what: str
    ) -> str:
        async def look() -> str | None:
            for words in reversed((await self.got(address))[known:]):
                if found := pattern.findall(words):
                    return str(found[-1])
            return None

        return await until(step, f"{what} at {address}", look)
