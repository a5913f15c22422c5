"""Asking for help over HTTP: staff with two fields, a family by the page of its school.

Whoever asks gets a receipt: received or handled, and when. What was done is not for them.
"""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Header, Response
from pydantic import BeforeValidator, StringConstraints, model_validator

from contracts.codes import Language, LinkPurpose
from contracts.help_requests import Asked, RequestSource
from contracts.sealed import Sealed
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import forbidden, unknown
from services.chassis.fields import Id, SchoolId, none_if_blank
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    Limit,
    Page,
    fingerprint,
    identifier,
    read_cursor,
    set_etag,
    write_cursor,
)
from services.chassis.http.faults import TwoTonguesError
from services.chassis.links import derive_token, hash_token
from services.chassis.privacy import Vault
from services.referral.api.children import child_for
from services.referral.api.context import Context
from services.referral.api.words import Warned, name_warnings, warnings_of
from services.referral.handlers import help_requests
from services.referral.model.help_request import KEPT_AT_MOST, HelpRequest, RequestState
from services.referral.model.people import Student

ASKERS = (Role.COORDINATOR, Role.CARE_TEAM, Role.LEADERSHIP, Role.STAFF, Role.ADMIN)
"""Anybody who works at a school may ask."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Reach = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
SchoolYear = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]


class AskBody(Body):
    """Which child, and what worries them. Nothing else is asked of who is in a hurry.

    Attributes:
        student: the child's id, where whoever asks may know of its record; or
        child: the child as they call it, with `site`.
        source: `staff`, or `paper` where a coordinator enters what a family wrote.
        reach: how to reach the family, as a paper says.
    """

    words: Words
    student: Id | None = None
    child: Named | None = None
    site: Annotated[SchoolId | None, BeforeValidator(none_if_blank)] = None
    grade: SchoolYear | None = None
    source: RequestSource = RequestSource.STAFF
    reach: Reach | None = None

    @model_validator(mode="after")
    def _one_child(self) -> Self:
        if (self.student is None) == (self.child is None):
            raise TwoTonguesError(
                "say which child: either student, by id, or child, by name",
                "diga qué niño: o student, con su id, o child, con su nombre",
            )
        if self.child is not None and self.site is None:
            raise TwoTonguesError(
                "say at which school the child is: site",
                "diga en qué escuela está el niño: site",
            )
        if self.source not in {RequestSource.STAFF, RequestSource.PAPER}:
            raise TwoTonguesError(
                "source is staff or paper: texts and the page enter themselves",
                "source es staff o paper: los mensajes y la página entran solos",
            )
        return self


class PageBody(Body):
    """What a family wrote on the page of its school."""

    site: SchoolId
    words: Words
    child: Named | None = None
    grade: SchoolYear | None = None
    reach: Reach | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.child is None and self.reach is None:
            raise TwoTonguesError(
                "say who the child is, or how to reach you",
                "diga quién es el niño, o cómo le encontramos a usted",
            )
        return self


class Receipt(Body):
    """All that whoever asked hears: received or handled, and when."""

    id: str
    site: str | None
    state: RequestState
    asked_at: datetime
    handled_at: datetime | None
    warnings: tuple[Warned, ...] = ()


class PageReceipt(Receipt):
    """The same for a page's asker; `token` is what the address of the receipt holds."""

    token: str


def receipt_of(request: HelpRequest, warnings: tuple[Warned, ...] = ()) -> Receipt:
    """Return what whoever asked may know."""
    return Receipt(
        id=request.id,
        site=request.site,
        state=request.state,
        asked_at=request.asked_at,
        handled_at=request.handled.at if request.handled else None,
        warnings=warnings,
    )


def help_requests_router(context: Context, askers: Vault) -> APIRouter:
    """Return the router.

    Args:
        context: what the endpoints need.
        askers: the vault of those whose family is not known.
    """
    router = APIRouter(prefix="/v1", tags=["asking for help"])
    asker = Annotated[Principal, Depends(Allow(*ASKERS))]

    @router.put("/help-requests/{id}")
    async def ask(id: Identifier, body: AskBody, response: Response, caller: asker) -> Receipt:
        """Ask for help for a child; the school's coordinator looks at it.

        The same again changes nothing. The answer says what never to write, where the words do.
        """
        student = await _student(context, caller, body)
        site = student.site if student else body.site or ""
        if body.source is RequestSource.PAPER and not {"*", site} & caller.sites(Role.COORDINATOR):
            raise forbidden(
                "A paper is entered by the school's coordinator. Ask with `staff`.",
                es="Un papel lo anota la coordinadora de la escuela. Pida con `staff`.",
            )
        asked = Asked(
            words=body.words,
            child=body.child,
            grade=body.grade,
            reach=body.reach,
            asker=caller.name if body.source is RequestSource.STAFF else None,
        )
        fresh = await _sealed(
            context,
            askers,
            HelpRequest(
                id=identifier(id),
                site=site,
                sites=(site,),
                source=body.source,
                asked=_NOT_YET,
                key=student.id if student else identifier(id),
                asked_at=context.clock.now(),
                fingerprint=fingerprint(context.secret, body),
                by=caller.subject,
                student=student.id if student else None,
                families=(student.family,) if student else (),
            ),
            asked,
        )
        entered = await help_requests.put_request(context.desk, fresh)
        if entered.by != caller.subject:
            raise unknown("request")  # somebody else's, under the same id and body
        set_etag(response, entered.version)
        return receipt_of(entered, _warned(body))

    @router.get("/my-help-requests")
    async def mine(caller: asker, cursor: Cursor = None, limit: Limit = 20) -> Page[Receipt]:
        """List what the caller has asked for, newest first: received or handled, and when."""
        found = await help_requests.list_requests(
            context.store,
            {"by": caller.subject},
            open_only=False,
            before=read_cursor(cursor),
            limit=limit + 1,
        )
        page = found[:limit]
        return Page[Receipt](
            items=[receipt_of(each) for each in page],
            next=write_cursor(page[-1].id) if len(found) > limit else None,
        )

    _add_page(router, context, askers)
    return router


def _add_page(router: APIRouter, context: Context, askers: Vault) -> None:
    service = Annotated[Principal, Depends(Allow(Role.SERVICE))]
    link = Annotated[
        str | None, Header(alias="X-Enlace-Link", description="The receipt's token.", max_length=64)
    ]

    @router.put("/page-help-requests/{id}")
    async def ask_by_page(id: Identifier, body: PageBody, caller: service) -> PageReceipt:
        """Enter what a family wrote on the page of its school; for the portal alone.

        The answer is the same whether anybody of that name is known or not.
        """
        if caller.subject != "portal":
            raise forbidden(
                "Only the portal takes what a family writes on its page.",
                es="Solo el portal recibe lo que una familia escribe en su página.",
            )
        context.sites.need(body.site)
        token = _token(context, identifier(id))
        fresh = await _sealed(
            context,
            askers,
            HelpRequest(
                id=identifier(id),
                site=body.site,
                sites=(body.site,),
                source=RequestSource.PAGE,
                asked=_NOT_YET,
                key=identifier(id),
                asked_at=context.clock.now(),
                fingerprint=fingerprint(context.secret, body),
                receipt=hash_token(token),
            ),
            Asked(words=body.words, child=body.child, grade=body.grade, reach=body.reach),
        )
        entered = await help_requests.put_request(context.desk, fresh)
        return PageReceipt(**dict(receipt_of(entered)), token=token)

    @router.get("/help-receipts", dependencies=[Depends(Allow())])
    async def receipt(link: link = None) -> Receipt:
        """Tell whoever has a receipt's link whether it was received or handled."""
        if not link:
            raise unknown("receipt")
        async for found in context.store.find(HelpRequest, {"receipt": hash_token(link)}, limit=1):
            return receipt_of(found)
        raise unknown("receipt")

    @router.get("/help-words")
    async def help_words(caller: service) -> dict[Language, tuple[str, ...]]:
        """Return the words by which this district's families ask for help by text."""
        del caller
        return dict(context.desk.rules().help_words)


_NOT_YET = Sealed.of(b"\0")
"""Stands in a request until its words are sealed."""


def _warned(body: AskBody) -> tuple[Warned, ...]:
    """Return what whoever asks should look at again, in whichever field it stands."""
    names = [("child", body.child), ("grade", body.grade)]
    texts = [("words", body.words), ("reach", body.reach)]
    return (*warnings_of(texts), *name_warnings(names))


def _token(context: Context, id: str) -> str:
    return derive_token(
        context.link_key,
        purpose=LinkPurpose.HELP_RECEIPT,
        subject=id,
        recipient="page",
        nonce="",
    )


async def _student(context: Context, caller: Principal, body: AskBody) -> Student | None:
    """Return the child that is meant, where it is named by its id.

    Raises:
        EnlaceError: there is none, or no such school, as far as this caller may know.
    """
    if body.student is not None:
        return await child_for(context, caller, body.student, *ASKERS)
    site = body.site or ""
    context.sites.need(site)
    caller.need_site(site, *ASKERS, what="school")
    return None


async def _sealed(context: Context, askers: Vault, fresh: HelpRequest, asked: Asked) -> HelpRequest:
    """Return a request with its words sealed: under the child's key, or one of its own.

    Raises:
        EnlaceError: the child was erased.
    """
    known = await context.store.get(HelpRequest, fresh.id)
    if known is not None:
        return fresh  # a repeat, or another body under the same id: nothing of it is kept
    if not fresh.own_key:
        words = asked.model_dump_json(exclude_none=True)
        return fresh.having(asked=await context.seal_known(fresh.key, words))
    await askers.create_key(fresh.id)
    sealed = await askers.seal(fresh.id, asked)
    return fresh.having(asked=sealed, forget_at=fresh.asked_at + KEPT_AT_MOST)
