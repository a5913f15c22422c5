"""An agency's side: it holds a link, and presses the buttons of the page behind it."""

import html
from typing import Any

from deploy.local.client import Client, RefusedError

_CONFLICT = 409


class LinkHolder:
    """Answers by the link that came by text or mail.

    Args:
        client: the system.
        token: what stands in the link.
    """

    def __init__(self, client: Client, token: str) -> None:
        self._client = client
        self._token = token

    async def card(self) -> dict[str, Any]:
        """Return what the link shows, as the page itself reads it."""
        found = await self._client.get(
            "partner", "/v1/answers", headers={"X-Enlace-Link": self._token}
        )
        return dict(found)

    async def open(self) -> str:
        """Return the page behind the link."""
        return await self._client.page(f"/a/{self._token}")

    async def press(self, what: str, **fields: str) -> str:
        """Press one of the page's buttons; return the page that follows.

        Raises:
            RefusedError: the rules of the domain do not allow it.
        """
        return await self._client.form(f"/a/{self._token}/{what}", fields)

    async def is_refused(self, what: str) -> bool:
        """Press a button that must not work any more; tell whether it does not."""
        try:
            await self.press(what)
        except RefusedError as error:
            return error.status == _CONFLICT
        return False

    async def reads(self, code: str, name: str) -> bool:
        """Give the code that was sent; tell whether the page then names the child.

        Raises:
            RefusedError: the code is wrong, or the consent does not cover it.
        """
        return name in html.unescape(await self.press("who", code=code))
