"""Any member of staff asks for help for a child: two fields, and what became of it in one word."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from services.chassis.auth import Role
from services.chassis.ids import is_id, new_id
from services.portal.errors import PageError
from services.portal.pages.context import ASKERS, Pages
from services.portal.pages.help import LONGEST, moment
from services.portal.sessions import Session

SHOWN = 20
"""One's own requests that are shown."""

_ABOUT_THE_FORM = frozenset({"id-taken", "not-found", "malformed", "forbidden"})


_WARNED = {"yes": "asking.warned", "protection": "asking.warned-protection"}


def asking_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/ask-for-help", include_in_schema=False)

    @router.get("")
    async def form(request: Request, *, paper: bool = False) -> Response:
        """Show the two fields, and what one has asked for."""
        session = await _asker(pages, request)
        return await _form(pages, request, session, {}, paper=paper)

    @router.post("")
    async def ask(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        id: Annotated[str, Form(max_length=36)] = "",
        site: Annotated[str, Form(max_length=64)] = "",
        child: Annotated[str, Form(max_length=2_000)] = "",
        words: Annotated[str, Form(max_length=12_000)] = "",
        grade: Annotated[str, Form(max_length=2_000)] = "",
        reach: Annotated[str, Form(max_length=2_000)] = "",
        source: Annotated[str, Form(max_length=16)] = "staff",
    ) -> Response:
        """Ask; the same form again asks nothing new."""
        session = await _asker(pages, request)
        paper = source == "paper"
        typed = {
            "id": id if is_id(id) else new_id(),
            "site": site,
            "child": child.strip(),
            "words": words.replace("\r\n", "\n").strip(),
            "grade": grade.strip(),
            "reach": reach.strip(),
        }
        problem = _lacking(typed)
        if problem is not None:
            return await _form(pages, request, session, typed, paper=paper, problem=problem)
        body = {name: typed[name] for name in (*LONGEST, "site") if typed[name]}
        try:
            receipt = await pages.upstream.put(
                "referral",
                f"/v1/help-requests/{typed['id']}",
                {**body, "source": "paper" if paper else "staff"},
                token=session.token,
            )
        except PageError as error:
            if error.slug not in _ABOUT_THE_FORM:
                raise
            key = "asking.id-taken" if error.slug == "id-taken" else "asking.refused"
            return await _form(
                pages,
                request,
                session,
                {**typed, "id": new_id()},
                paper=paper,
                problem=key,
                status=error.status,
            )
        kinds = {str(each["what"]) for each in receipt.get("warnings") or ()}
        # The one that cannot wait goes before the others.
        kind = "protection" if "child-protection" in kinds else "yes"
        warned = f"&warned={kind}" if kinds else ""
        return RedirectResponse(f"/ask-for-help?done=asked{warned}", status_code=303)

    return router


async def _asker(pages: Pages, request: Request) -> Session:
    """Return who is signed in, of a school's staff.

    Raises:
        PageError: they are none of it.
        SignedOutError: nobody is.
    """
    session = await pages.signed_in(request)
    if not session.person.has(*ASKERS):
        raise PageError(403)
    return session


def _lacking(typed: dict[str, str]) -> str | None:
    """Return the words for what the form lacks, or None."""
    if not typed["child"]:
        return "asking.say-who"
    if not typed["words"]:
        return "asking.say-what"
    if any(len(typed[name]) > most for name, most in LONGEST.items()):
        return "help.too-long"
    return None if typed["site"] else "asking.say-school"


def schools(pages: Pages, session: Session, *roles: Role) -> list[tuple[str, str]]:
    """Return the schools at which somebody holds one of these roles: id and name, by name."""
    sites = session.person.sites(*roles)
    known = pages.sites.all if "*" in sites else {id: pages.site(id) for id in sites}
    return sorted(((id, site.name) for id, site in known.items()), key=lambda pair: pair[1])


async def _form(
    pages: Pages,
    request: Request,
    session: Session,
    typed: dict[str, str],
    *,
    paper: bool,
    problem: str | None = None,
    status: int = 422,
) -> Response:
    enters = session.person.has(Role.COORDINATOR)
    paper = paper and enters
    mine = await pages.upstream.get(
        "referral", "/v1/my-help-requests", token=session.token, params={"limit": SHOWN}
    )
    at = schools(pages, session, *((Role.COORDINATOR,) if paper else ASKERS))
    fresh: dict[str, Any] = {
        "id": new_id(),
        "site": at[0][0] if len(at) == 1 else "",
        "child": "",
        "words": "",
        "grade": "",
        "reach": "",
    }
    return pages.page(
        request,
        "asking.html",
        session=session,
        status=status if problem else 200,
        typed={**fresh, **typed},
        longest=LONGEST,
        schools=at,
        school=at[0][1] if len(at) == 1 else "",
        paper=paper,
        enters=enters,
        sheet=f"/help/{at[0][0]}/sheet" if enters and len(at) == 1 else None,
        mine=[
            {"asked_at": moment(each["asked_at"]), "handled_at": moment(each["handled_at"])}
            for each in mine["items"]
        ],
        done=request.query_params.get("done") == "asked",
        warned=_WARNED.get(request.query_params.get("warned", "")),
        problem=problem,
    )
