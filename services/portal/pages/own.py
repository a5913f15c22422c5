"""An agency's own pages, for its staff who have signed in: which agency, and what they do there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.chassis.auth import OF_AGENCY, Role
from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.pages.partners import Look
from services.portal.pages.performance import performance_of
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused

SYSTEM = (Role.ADMIN, Role.AGENCY_ADMIN)
"""Who sees to an agency's keys and endpoints; the district's administrator on its behalf."""


@dataclass(frozen=True, slots=True)
class Own:
    """Somebody who looks at an agency's own pages.

    Attributes:
        agency: its id.
        name: of the agency, as the pages call it.
    """

    here: Look
    agency: str
    name: str

    @property
    def place(self) -> str:
        """Where the agency's pages stand."""
        return f"/agency/{self.agency}"

    def holds(self, *roles: Role) -> bool:
        """Tell whether the reader holds one of these roles at the agency."""
        person = self.here.session.person
        return any(
            person.has(role) if role is Role.ADMIN else person.holds(role, self.agency)
            for role in roles
        )

    @property
    def parts(self) -> list[tuple[str, str]]:
        """The pages that are the reader's, in the order of their tabs."""
        parts = (
            ("offers", "", (Role.AGENCY,)),
            ("seats", "/seats", OF_AGENCY),
            ("does", "/performance", (*OF_AGENCY, Role.ADMIN)),
            ("system", "/system", SYSTEM),
        )
        return [(name, self.place + path) for name, path, roles in parts if self.holds(*roles)]

    def page(
        self, template: str, part: str, *, problem: Refused | None = None, **values: Any
    ) -> Response:
        """Show a page, with the way to the others."""
        here = self.here
        done = here.request.query_params.get("done")
        key = f"done.{done}"
        return here.pages.page(
            here.request,
            template,
            words=here.words,
            session=here.session,
            part=part,
            parts=self.parts,
            refused=problem,
            done=key if done and here.words.has(key) else None,
            agency=self.agency,
            agency_name=self.name,
            place=self.place,
            **values,
        )


async def own(pages: Pages, request: Request, agency: str, *roles: Role) -> Own:
    """Return who looks at which agency's pages.

    Raises:
        SignedOutError: nobody is signed in.
        PageError: it is not theirs, or not open to their role.
    """
    session = await pages.signed_in(request)
    here = Look(pages, request, session, pages.words(request))
    id = checked(agency)
    if not session.person.works_for(id) and not session.person.has(Role.ADMIN):
        raise PageError(404)
    found = Own(here, id, here.agency(await here.agencies([{"agency": id}]), id))
    if not found.holds(*roles):
        raise PageError(403)
    return found


def moment(text: str | None) -> datetime | None:
    """Return a time as it was told."""
    return datetime.fromisoformat(text) if text else None


def own_router(pages: Pages) -> APIRouter:
    """Return the router: the way in, and how the agency does."""
    router = APIRouter(prefix="/agency", include_in_schema=False)

    @router.get("")
    async def way_in(request: Request) -> Response:
        """Go to the agency for which somebody works; of several, let them choose."""
        session = await pages.signed_in(request)
        ids = sorted(session.person.agencies)
        if not ids:
            raise PageError(403)
        if len(ids) == 1:
            return RedirectResponse(f"/agency/{ids[0]}", status_code=303)
        here = Look(pages, request, session, pages.words(request))
        names = await here.agencies([{"agency": id} for id in ids])
        listed = sorted((here.agency(names, id), id) for id in ids)
        return pages.page(
            request, "own_which.html", words=here.words, session=session, agencies=listed
        )

    @router.get("/{agency}/performance")
    async def does(request: Request, agency: str) -> Response:
        """Show how the agency does."""
        mine = await own(pages, request, agency, *OF_AGENCY, Role.ADMIN)
        found = await performance_of(mine.here, mine.agency)
        if found is None:
            raise PageError(503)
        return mine.page("own_does.html", "does", performance=found)

    return router
