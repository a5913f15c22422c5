"""How an offer is answered: behind a link, whose token travels in a header, or by an account.

A GET shows, a POST acts.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Header, Response
from pydantic import AfterValidator, Field, model_validator

from contracts.codes import DeclineReason, Outcome, Progress
from services.chassis.auth import ACCOUNT_CLAIM, SERVICE_TOKEN_SECONDS, Allow
from services.chassis.errors import EnlaceError, Kind, TwoTonguesError, rule, unknown
from services.chassis.fields import Moment, written
from services.chassis.http.commands import Body, fingerprint, set_etag
from services.chassis.links import derive_code, same
from services.partner.api.asking import add_question
from services.partner.api.capacities import Count
from services.partner.api.card import Card, Opened, card_of, open_link
from services.partner.api.context import Context
from services.partner.handlers import attendance, capacities, offers
from services.partner.model import answers
from services.partner.model.identity import Verdict
from services.partner.model.offering import Claim
from services.partner.model.progress import ENDS, Report
from services.partner.model.registered import need_confirmed
from services.partner.model.service import Service

Link = Annotated[str, Header(alias="X-Enlace-Link", max_length=64)]

CODE_PURPOSE = "identity"


def _as_kept(at: datetime) -> datetime:
    """Cut a time to what the database keeps.

    Finer, a report that is sent again would differ from the one that is kept, and be told twice.
    """
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


Appointment = Annotated[Moment, AfterValidator(_as_kept)]


_six_digits = written(
    r"\s*(\d\s*){6}",
    "the code has six digits: write them as the message shows them",
    "el código tiene seis cifras: escríbalas como están en el mensaje",
)


class NothingBody(Body):
    """A command that needs no words."""


class DeclineBody(Body):
    """Why not; *other* asks for words, and is refused where codes are all that is told."""

    reason: DeclineReason
    words: str | None = Field(default=None, max_length=500)

    @model_validator(mode="after")
    def _said(self) -> Self:
        if self.reason is DeclineReason.OTHER and not (self.words or "").strip():
            raise TwoTonguesError("say in a few words why", "diga en pocas palabras por qué")
        return self


class ProgressBody(Body):
    """How it goes; *scheduled* needs its date, *failed* its outcome.

    *completed* is help that was given. Told with an outcome that says otherwise, it is taken as
    what it means: *failed* with that outcome.

    Attributes:
        outcome: how it ended; where attendance codes are all that is told, `attended` or none, and
            `other` of what ended without the help.
    """

    progress: Progress
    appointment: Appointment | None = None
    outcome: Outcome | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.progress is Progress.SCHEDULED and self.appointment is None:
            raise TwoTonguesError(
                "an appointment needs its date: write when it is",
                "una cita necesita su fecha: escriba cuándo es",
            )
        return self

    @model_validator(mode="after")
    def _ended_as_one(self) -> Self:
        if self.progress is Progress.FAILED and self.outcome is None:
            raise TwoTonguesError(
                "help that was not given needs its outcome: write why it ended",
                "una ayuda que no se dio necesita su resultado: escriba por qué terminó",
            )
        helped = self.outcome is not None and self.outcome.helped
        if helped and self.progress is not Progress.COMPLETED:
            raise TwoTonguesError(
                "this outcome says that the child got the help: send it with completed, or write "
                "the outcome that fits",
                "este resultado dice que el estudiante recibió la ayuda: envíelo con completed, o "
                "escriba el resultado que corresponde",
            )
        itself = self.progress in {Progress.NO_SHOW, Progress.COULD_NOT_CONTACT}
        if itself and self.outcome not in {None, Outcome(self.progress.value)}:
            raise TwoTonguesError(
                "this progress says by itself how it ended: leave the outcome out, or send failed "
                "with the outcome",
                "este avance ya dice cómo terminó: quite el resultado, o envíe failed con él",
            )
        if self.outcome is not None and self.progress not in ENDS:
            raise TwoTonguesError(
                "an outcome goes with help that has ended: send it with completed or failed",
                "un resultado va con una ayuda que terminó: envíelo con completed o failed",
            )
        return self


class SeatsBody(Body):
    """How many are free now; `version` is of the seats as seen, null where none were shown."""

    available: Count
    maximum: Count | None = None
    version: int | None = Field(default=None, ge=0)


class CodeBody(Body):
    """The code from the message."""

    code: Annotated[str, Field(max_length=20), AfterValidator(_six_digits)]


class CodeSent(Body):
    """Until when the code works, in seconds from now."""

    expires_in: int


class IdentityToken(Body):
    """With this token referral tells who the child is, for `expires_in` seconds."""

    token: str
    referral: str
    expires_in: int


Opener = Callable[..., Awaitable[Opened]]
"""A dependency that finds the offer, and says who may answer it."""


def answers_router(context: Context) -> APIRouter:
    """Return the router. A link is the key: nobody signs in here."""
    router = APIRouter(prefix="/v1/answers", tags=["answers"], dependencies=[Depends(Allow())])

    async def by_link(link: Link) -> Opened:
        return await open_link(context, link)

    add_answers(router, context, by_link, linked=True)
    _add_identity(router, context, by_link)

    @router.post("/progress")
    async def progress(
        opened: Annotated[Opened, Depends(by_link)], body: ProgressBody, response: Response
    ) -> Card:
        """Tell how it goes with a child that the agency has taken."""
        return await tell_progress(context, opened, body, response)

    return router


async def tell_progress(
    context: Context, opened: Opened, body: ProgressBody, response: Response
) -> Card:
    """Tell how it goes with a child that the agency has taken; returns the card as it is then.

    Raises:
        EnlaceError: the agency does not have the child, or its help has ended.
    """
    said = Report(body.progress, body.appointment, body.outcome)
    needs = await context.district.needs()
    where = (opened.offering, opened.offer)
    coded = await attendance.in_codes(context.store, *where, said, needs)
    await offers.report_progress(
        context.store, opened.offering.id, opened.offer.id, coded, context.clock
    )
    card = await card_of(context, opened)
    set_etag(response, card.version)
    return card


def add_answers(router: APIRouter, context: Context, opener: Opener, *, linked: bool) -> None:
    """Add how an offer is shown and answered, whichever way it was opened.

    Args:
        router: of the endpoints.
        context: of the endpoints.
        opener: finds the offer.
        linked: whoever has the link may act, so that it ends with its offer; an account does not.
    """
    behind = Annotated[Opened, Depends(opener)]
    store, clock = context.store, context.clock

    async def told(opened: Opened, response: Response) -> Card:
        card = await card_of(context, opened)
        set_etag(response, card.version)
        return card

    @router.get("")
    async def show(opened: behind, response: Response) -> Card:
        """Show the offer; whoever opens a link, a mail scanner too, changes nothing."""
        return await told(opened, response)

    @router.post("/claim")
    async def claim(opened: behind, body: NothingBody, response: Response) -> Card:
        """Take the child: the first valid claim wins, with its seat."""
        del body
        await offers.claim(store, opened.offering, opened.offer, clock)
        return await told(opened, response)

    @router.post("/waitlist")
    async def waitlist(opened: behind, body: NothingBody, response: Response) -> Card:
        """Take the child as soon as a seat is free; then the claim is made by itself."""
        del body
        await offers.wait(store, opened.offering.id, opened.offer.id, clock)
        return await told(opened, response)

    @router.post("/decline")
    async def decline(opened: behind, body: DeclineBody, response: Response) -> Card:
        """Say no, with the reason."""
        await context.district.need_reason(body.reason, opened.offer.reason)
        words = (body.words or "").strip()
        needs = await context.district.needs()
        where = (opened.offering, opened.offer)
        await attendance.need_coded(store, where, body.reason, words, needs)
        sealed = await context.seal_for(opened.contact, words) if words else None
        no = answers.No(body.reason, sealed)
        await offers.decline(store, opened.offering.id, opened.offer.id, no, clock)
        return await told(opened, response)

    @router.post("/contest")
    async def contest(opened: behind, body: NothingBody, response: Response) -> Card:
        """Say that what the school recorded after a call is not what the agency said."""
        del body
        await offers.contest(store, opened.offering.id, opened.offer.id, clock)
        return await told(opened, response)

    add_question(router, context, opener)
    _add_seats(router, context, opener, linked=linked)


def _add_seats(router: APIRouter, context: Context, opener: Opener, *, linked: bool) -> None:
    """Add the agency's own seats."""
    behind = Annotated[Opened, Depends(opener)]

    @router.post("/seats")
    async def seats(opened: behind, body: SeatsBody, response: Response) -> Card:
        """Tell how many seats are free, as of the version seen; a closed link tells none."""
        if linked:
            answers.need_open(opened.offer, context.clock.now())
        service = await context.store.get(Service, opened.offer.service)
        if service is None or service.agency != opened.agency.id:
            raise unknown("service")
        figure = capacities.Figure(
            available=body.available,
            maximum=body.maximum,
            seen=body.version,
            fingerprint=fingerprint(context.secret, body),
        )
        needs = await context.district.needs()
        await capacities.report(
            context.store, service, opened.offer.site, figure, context.moments.now(), needs=needs
        )
        card = await card_of(context, opened)
        set_etag(response, card.version)
        return card


def _add_identity(router: APIRouter, context: Context, opener: Opener) -> None:
    """Add what leads to the child's identity behind a link: a code to its holder's address."""
    behind = Annotated[Opened, Depends(opener)]

    @router.post("/code", status_code=202)
    async def code(opened: behind, body: NothingBody) -> CodeSent:
        """Have a one-time code sent to the registered address of the link's holder."""
        del body
        need_confirmed(opened.agency, opened.contact)
        expires = await offers.request_code(
            context.store,
            opened.offering.id,
            opened.offer.id,
            context.settings.code_lifetime,
            context.clock,
        )
        return CodeSent(expires_in=max(0, int((expires - context.clock.now()).total_seconds())))

    @router.post("/identity-token")
    async def identity_token(opened: behind, body: CodeBody) -> IdentityToken:
        """Exchange the code for a token with which referral tells who the child is."""
        claim = await _spend(context, opened, body.code)
        return await token_for(context, opened, claim)


async def _spend(context: Context, opened: Opened, typed: str) -> Claim:
    # Once more: the address may have changed since the code was asked for, before it was sent.
    need_confirmed(opened.agency, opened.contact)
    digits = "".join(typed.split())
    offer = opened.offer

    def right(nonce: str) -> bool:
        expected = derive_code(
            context.link_key,
            purpose=CODE_PURPOSE,
            subject=offer.id,
            recipient=offer.contact,
            nonce=nonce,
        )
        return same(digits, expected)

    verdict, claim = await offers.check_code(
        context.store,
        opened.offering.id,
        offer.id,
        right,
        context.clock,
        tries=context.settings.code_tries,
    )
    if verdict is Verdict.DEAD:
        raise rule(
            "code-dead",
            "This code works no longer: ask for a fresh one. Nothing was shown.",
            es="Este código ya no sirve: pida uno nuevo. No se mostró nada.",
        )
    if verdict is Verdict.WRONG:
        raise EnlaceError(
            "code-wrong",
            Kind.FORBIDDEN,
            "This is not the code that was sent. Nothing was shown: look at the newest message.",
            es="Este no es el código que se envió. No se mostró nada: mire el mensaje más "
            "reciente.",
        )
    return claim


async def token_for(
    context: Context, opened: Opened, claim: Claim, *, account: str | None = None
) -> IdentityToken:
    """Return a token with which referral tells who the child is, where a consent covers it now.

    Args:
        context: of the endpoint.
        opened: the offer.
        claim: by which its agency has the child.
        account: of who reads; None behind a link, where the code's address stands for somebody.
    """
    offer = opened.offer
    service = await context.store.get(Service, offer.service)
    token = context.identity.token(
        "referral",
        referral=opened.offering.id,
        claim=claim.id,
        agency=offer.agency,
        # A consent that names no agency is for those that meet the need: by what they do now.
        meets=" ".join((service.category, *service.also)) if service else "",
        **({ACCOUNT_CLAIM: account} if account is not None else {}),
    )
    return IdentityToken(token=token, referral=opened.offering.id, expires_in=SERVICE_TOKEN_SECONDS)
