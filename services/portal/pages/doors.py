"""How the pages of an offer, and of many at once, are opened: by a link, or by an account.

Both ways lead to the same pages: only whose leave is sent along differs.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from fastapi import Request

from services.chassis.auth import Role
from services.portal.pages.context import Pages
from services.portal.pages.own import own
from services.portal.pages.reading import checked


class Door(Protocol):
    """What opens a page and answers on it; `token` is the last part of its address that varies."""

    @property
    def prefix(self) -> str:
        """The address of the page, with `{token}` in it."""

    def place(self, request: Request, token: str) -> str:
        """Return the address of the page."""

    def taken(self, request: Request, row: Mapping[str, Any]) -> str:
        """Return the address of one child among many that the agency has taken."""

    async def read(self, request: Request, token: str) -> Any:
        """Return what is shown.

        Raises:
            PageError: nothing is.
            SignedOutError: an account is asked for, and nobody is signed in.
        """

    async def send(self, request: Request, token: str, what: str, body: Mapping[str, Any]) -> Any:
        """Answer.

        Raises:
            PageError: the answer is refused.
            SignedOutError: as above.
        """

    async def around(self, request: Request) -> dict[str, Any]:
        """Return what the page shows around it: to whom it belongs."""


class LinkDoor:
    """Opens by a link: who holds it needs no account.

    Args:
        pages: what the pages need.
        at: the page's address before the link.
        api: where partner answers.
    """

    def __init__(self, pages: Pages, at: str, api: str) -> None:
        self._pages = pages
        self._at = at
        self._api = api

    @property
    def prefix(self) -> str:
        """The address of the page, with `{token}` in it."""
        return f"{self._at}/{{token}}"

    def place(self, request: Request, token: str) -> str:
        """Return the address of the page."""
        del request
        return f"{self._at}/{token}"

    def taken(self, request: Request, row: Mapping[str, Any]) -> str:
        """Return the address of one child among many that the agency has taken."""
        del request
        return f"/a/{row['token']}"

    async def read(self, request: Request, token: str) -> Any:
        """Return what is shown."""
        del request
        return await self._pages.upstream.get("partner", self._api, link=token)

    async def send(self, request: Request, token: str, what: str, body: Mapping[str, Any]) -> Any:
        """Answer."""
        del request
        path = f"{self._api}/{what}"
        return await self._pages.upstream.post("partner", path, body, link=token)

    async def around(self, request: Request) -> dict[str, Any]:
        """Return nothing: nobody is signed in."""
        del request
        return {}


class AccountDoor:
    """Opens by an account that answers for the agency.

    Args:
        pages: what the pages need.
        kind: of what is opened: `offers` or `batches`, here and at partner.
    """

    def __init__(self, pages: Pages, kind: str) -> None:
        self._pages = pages
        self._kind = kind

    @property
    def prefix(self) -> str:
        """The address of the page, with `{token}` in it."""
        return f"/agency/{{agency}}/{self._kind}/{{token}}"

    def place(self, request: Request, token: str) -> str:
        """Return the address of the page."""
        return f"/agency/{request.path_params['agency']}/{self._kind}/{token}"

    def taken(self, request: Request, row: Mapping[str, Any]) -> str:
        """Return the address of one child among many that the agency has taken."""
        return f"/agency/{request.path_params['agency']}/offers/{row['offer']}"

    async def read(self, request: Request, token: str) -> Any:
        """Return what is shown."""
        mine = await own(self._pages, request, request.path_params["agency"], Role.AGENCY)
        return await mine.here.get(f"/v1/{self._kind}/{checked(token)}")

    async def send(self, request: Request, token: str, what: str, body: Mapping[str, Any]) -> Any:
        """Answer."""
        mine = await own(self._pages, request, request.path_params["agency"], Role.AGENCY)
        return await mine.here.post(f"/v1/{self._kind}/{checked(token)}/{what}", body)

    async def around(self, request: Request) -> dict[str, Any]:
        """Return who is signed in."""
        return {"session": await self._pages.signed_in(request)}
