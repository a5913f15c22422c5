"""The pages about partner agencies: who looks at them, which school, and what they share."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from services.chassis.auth import Role
from services.portal.errors import PageError
from services.portal.pages.context import PARTNER_READERS, Pages
from services.portal.pages.refusals import Refused, refused
from services.portal.sessions import Session
from services.portal.when import When
from services.portal.words import Words

R = TypeVar("R")

WRITERS = (Role.COORDINATOR, Role.ADMIN)
"""Who enters what agencies say, settles differences and leads agreements."""

DISTRICT = (*WRITERS, Role.CARE_TEAM)

PAGE = 200
"""As many as partner gives at once."""

MOST_PAGES = 10
"""Beyond so many pages a list says that it is cut."""

AT_ONCE = 8
"""Questions to partner that are under way together."""


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody who looks at a page about partners."""

    pages: Pages
    request: Request
    session: Session
    words: Words

    @property
    def when(self) -> When:
        """What speaks of times in the reader's language."""
        return self.pages.when(self.words)

    @property
    def writes(self) -> bool:
        """Whether the reader leads somewhere; partner itself says where."""
        return self.session.person.has(*WRITERS)

    async def get(self, path: str, **params: Any) -> Any:
        """Read something of partner; what is None is not asked for."""
        query = {name: value for name, value in params.items() if value is not None}
        return await self.pages.upstream.get(
            "partner", path, token=self.session.token, params=query or None
        )

    async def every(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Return every item of a list, as far as `MOST_PAGES` go."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = await self.get(path, **params, limit=PAGE, cursor=cursor)
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        return found

    async def each(self, questions: Sequence[Coroutine[Any, Any, R]]) -> list[R]:
        """Return the answers to several questions, a few of them asked at once."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(question: Coroutine[Any, Any, R]) -> R:
            async with gate:
                return await question

        return list(await asyncio.gather(*map(one, questions)))

    async def post(self, path: str, body: Mapping[str, Any], seen: int | None = None) -> Any:
        """Do something at partner."""
        return await self.pages.upstream.post(
            "partner", path, body, token=self.session.token, seen=seen
        )

    async def put(self, path: str, body: Mapping[str, Any], seen: int | None = None) -> Any:
        """Enter something at partner."""
        return await self.pages.upstream.put(
            "partner", path, body, token=self.session.token, seen=seen
        )

    async def agencies(self, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
        """Return the names of the agencies that rows are of, by id."""
        return await self.pages.names.agencies(
            {str(each["agency"]) for each in rows}, self.session.token
        )

    def agency(self, names: Mapping[str, str], id: str) -> str:
        """Return an agency's name, or that it is not known."""
        return names.get(id) or str(self.words("agency.unknown"))

    def school(self, site: str) -> str:
        """Return a school's name."""
        return self.pages.site(site).name

    def schools(self, sites: Sequence[str]) -> str:
        """Return schools' names as a list."""
        return self.words.listed(sorted(map(self.school, sites)))

    def refusal(self, error: PageError) -> Refused:
        """Return what is said of a refusal."""
        return refused(error, self.words, self.when)

    def page(
        self, template: str, part: str, *, problem: Refused | None = None, **values: Any
    ) -> Response:
        """Show a page, with the way to the others."""
        done = self.request.query_params.get("done")
        key = f"done.{done}"
        person = self.session.person
        own = {"seats": person.has(*DISTRICT), "to-settle": person.has(*WRITERS)}
        own["imports"] = person.has(Role.ADMIN)
        return self.pages.page(
            self.request,
            template,
            words=self.words,
            session=self.session,
            part=part,
            parts=[(name, to) for name, to in PARTS if own.get(name, True)],
            refused=problem,
            done=key if done and self.words.has(key) else None,
            writes=self.writes,
            **values,
        )


PARTS = (
    ("directory", "/partners"),
    ("seats", "/partners/seats"),
    ("agreements", "/partners/agreements"),
    ("to-settle", "/partners/to-settle"),
    ("imports", "/partners/imports"),
)
"""The pages, in the order of their tabs."""


async def look(pages: Pages, request: Request, *roles: Role) -> Look:
    """Return who looks.

    Raises:
        SignedOutError: nobody is signed in.
        PageError: it is not open to their role.
    """
    session = await pages.signed_in(request)
    if not session.person.has(*(roles or PARTNER_READERS)):
        raise PageError(403)
    return Look(pages, request, session, pages.words(request))


def own_schools(here: Look) -> list[tuple[str, str]]:
    """Return the reader's schools by name: id and name."""
    sites = here.session.person.sites(Role.COORDINATOR, Role.CARE_TEAM)
    known = here.pages.sites.all
    ids = known if "*" in sites else sites
    return sorted(((id, here.school(id)) for id in ids), key=lambda pair: pair[1].casefold())


def chosen_school(here: Look, wanted: str | None) -> str | None:
    """Return the school that a page is about: the one asked for, or the reader's first.

    Raises:
        PageError: it is none of the reader's.
    """
    own = [id for id, _ in own_schools(here)]
    if wanted:
        if wanted not in own:
            raise PageError(404)
        return wanted
    return own[0] if own else None


def back(path: str, done: str, anchor: str = "") -> Response:
    """Go to a page after something was done; a repeat of the page does nothing again."""
    mark = "&" if "?" in path else "?"
    tail = f"#{anchor}" if anchor else ""
    return RedirectResponse(f"{path}{mark}done={done}{tail}", status_code=303)
