"""The parts of one referral that are pages of their own, and the people around a child."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from contracts.rules import ReasonedAct
from services.chassis.auth import Role
from services.portal.errors import PageError
from services.portal.model.referral import Referral
from services.portal.pages.context import Pages
from services.portal.pages.reading import checked, need, standing
from services.portal.pages.refusals import Refused
from services.portal.pages.today import queue_of
from services.portal.pages.warned import KEPT, go_on
from services.portal.sessions import Session
from services.portal.words import Words


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who looks at one referral."""

    pages: Pages
    request: Request
    session: Session
    words: Words
    referral: Referral

    @property
    def place(self) -> str:
        """Where the referral's pages begin."""
        return f"/referrals/{self.referral.id}"

    async def get(self, path: str, **params: Any) -> Any:
        """Read something of the referral service."""
        return await self.pages.upstream.get(
            "referral", path, token=self.session.token, params=params or None
        )

    async def every(self, path: str, **params: Any) -> list[Any]:
        """Read a whole list of the referral service."""
        return await self.pages.upstream.every(
            "referral", path, token=self.session.token, params=params
        )

    async def get_if(self, service: str, path: str) -> Any | None:
        """Read something that the page can do without; None where it cannot be had now."""
        try:
            return await self.pages.upstream.get(service, path, token=self.session.token)
        except PageError:
            return None

    async def post(self, path: str, body: Mapping[str, Any], seen: int | None = None) -> Any:
        """Do something at the referral service."""
        return await self.pages.upstream.post(
            "referral", path, body, token=self.session.token, seen=seen
        )

    async def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Enter something at the referral service."""
        return await self.pages.upstream.put("referral", path, body, token=self.session.token)

    def reasons(self, act: ReasonedAct) -> tuple[str, ...]:
        """Return the reasons that this district's forms offer for an act."""
        return self.pages.district.now.reasons.choices(act)

    async def staff(self) -> "Staff":
        """Return the names of those who work at the school; none where they cannot be had."""
        try:
            found = await self.every("/v1/colleagues", site=self.referral.site)
        except PageError:
            found = []
        return Staff(
            {each["subject"]: each for each in found},
            self.session,
            self.words,
        )

    async def around(self) -> "Around":
        """Return the child's household.

        Raises:
            PageError: it cannot be read.
        """
        child = await self.get(f"/v1/students/{self.referral.student}")
        family = await self.get(f"/v1/families/{child['family']}")
        return Around(child, list(family["contacts"]), self.words)

    async def page(
        self,
        template: str,
        tab: str,
        *,
        refused: Refused | None = None,
        status: int = 200,
        **values: Any,
    ) -> Response:
        """Show one part beside the queue, under what stands on top of all of them."""
        names, beside = await asyncio.gather(
            self.pages.names.agencies(self.referral.agencies, self.session.token),
            queue_of(self.pages, self.session, self.words),
        )
        done = self.request.query_params.get("done")
        key = f"done.{done}"
        return self.pages.page(
            self.request,
            template,
            words=self.words,
            session=self.session,
            status=status,
            tab=tab,
            done=key if done and self.words.has(key) else None,
            refused=refused,
            **{
                **standing(self.pages, self.session, self.words, self.referral, names),
                **beside,
                **values,
            },
        )

    def go_on(
        self, answer: Any, part: str, done: str, *, says: str = KEPT, mend: str | None = None
    ) -> Response:
        """Go back to a part with what was entered, once what its words are warned of was said."""
        to = self._after(part, done)
        return go_on(self.pages, self.request, self.session, answer, to, says=says, mend=mend)

    def back(self, part: str, done: str) -> Response:
        """Go back to a part; a repeat of the page does nothing again."""
        return RedirectResponse(self._after(part, done), status_code=303)

    def _after(self, part: str, done: str) -> str:
        tail = f"/{part}" if part else ""
        return f"{self.place}{tail}?done={done}"


async def visit(pages: Pages, request: Request, id: str, *roles: Role) -> Visit:
    """Return who looks at which referral.

    Raises:
        SignedOutError: nobody is signed in.
        PageError: there is no such referral for them, or it is not open to their role.
    """
    session = await pages.signed_in(request)
    if roles and not session.person.has(*roles):
        raise PageError(403)
    referral = await need(pages, session, checked(id))
    return Visit(pages, request, session, pages.words(request), referral)


@dataclass(frozen=True, slots=True)
class Staff:
    """Those who work at a school, by account."""

    known: Mapping[str, Mapping[str, Any]]
    session: Session
    words: Words

    def name(self, subject: str | None) -> str:
        """Return who somebody is to the reader: `you`, a name, or a colleague."""
        if subject == self.session.person.subject:
            return str(self.words("staff.you"))
        known = self.known.get(subject or "")
        return str(known["name"]) if known else str(self.words("staff.colleague"))

    def others(self, *roles: str) -> list[Mapping[str, Any]]:
        """Return the reader's colleagues in one of the roles, by name."""
        own = self.session.person.subject
        found = [
            each
            for subject, each in self.known.items()
            if subject != own and set(each["roles"]) & set(roles)
        ]
        return sorted(found, key=lambda each: str(each["name"]).casefold())


@dataclass(frozen=True, slots=True)
class Around:
    """A child's household."""

    child: Mapping[str, Any]
    contacts: list[Mapping[str, Any]]
    words: Words

    @property
    def family(self) -> str:
        """The household's id."""
        return str(self.child["family"])

    @property
    def reachable(self) -> list[Mapping[str, Any]]:
        """Those who may be told."""
        return [
            each for each in self.contacts if each["may_be_told"] and not each.get("do_not_contact")
        ]

    def who(self, id: str | None) -> str:
        """Return somebody as the page calls them: `Elena, mother`."""
        if id is None:
            return ""
        if id == self.child["id"]:
            return str(self.words("people.child", name=self.child["given_name"]))
        for each in self.contacts:
            if each["id"] == id:
                return str(
                    self.words(
                        "people.contact",
                        name=each["given_name"],
                        relation=self.words.code("relation", each["relation"]),
                    )
                )
        return str(self.words("people.unknown"))
