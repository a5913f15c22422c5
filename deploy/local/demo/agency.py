"""An agency's side: it holds a link, and nothing else."""

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
        self._link = {"X-Enlace-Link": token}

    async def card(self) -> dict[str, Any]:
        """Return what the link shows."""
        found = await self._client.get("partner", "/v1/answers", headers=self._link)
        return dict(found)

    async def act(self, what: str, **fields: Any) -> Any:
        """Press one of the link's buttons.

        Raises:
            RefusedError: the rules of the domain do not allow it.
        """
        path = f"/v1/answers/{what}"
        return (await self._client.post("partner", path, fields, headers=self._link)).body

    async def is_refused(self, what: str) -> bool:
        """Press a button that must not work any more; tell whether it does not."""
        try:
            await self.act(what)
        except RefusedError as error:
            return error.status == _CONFLICT
        return False

    async def identity(self, code: str) -> dict[str, Any]:
        """Read who the child is, with the code that was sent.

        Raises:
            RefusedError: the code is wrong, or the consent does not cover it.
        """
        given = await self.act("identity-token", code=code)
        bearer = {"Authorization": f"Bearer {given['token']}"}
        path = f"/v1/referrals/{given['referral']}/identity"
        return dict(await self._client.get("referral", path, headers=bearer))
