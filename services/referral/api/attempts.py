"""Contact attempts over HTTP, one by one or as a phone hands in what it kept while offline."""

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Depends, Response
from pydantic import Field, ValidationError, WithJsonSchema, model_validator

from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import EnlaceError, Kind, TwoTonguesError, unknown
from services.chassis.fields import Day, Id, LanguageTag, Moment
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    Limit,
    Page,
    fingerprint,
    identifier,
    read_moment,
    set_etag,
    write_moment,
)
from services.chassis.http.faults import told
from services.chassis.http.problems import STATUS, TYPE_BASE
from services.referral import care_store as reading
from services.referral.api.children import child_for
from services.referral.api.context import Context
from services.referral.api.late import child_then, contact_then, referral_then
from services.referral.api.words import (
    TEAM,
    FewWords,
    Warned,
    Words,
    may_see,
    open_words,
    seal_if,
    seen_referrals,
    warnings_of,
)
from services.referral.handlers import attempts
from services.referral.model.attempts import (
    AttemptKind,
    ContactAttempt,
    Interpreter,
    happened,
    in_milliseconds,
)
from services.referral.model.referral import Referral

BATCH = 100
BATCH_PATH = "/v1/contact-attempts/batch"
MAX_BATCH_BODY = 4 * 1024 * 1024
"""Bytes of a batch: a hundred attempts of the longest words, in any script."""


class AttemptBody(Body):
    """An attempt to reach somebody of a child's family."""

    student: Id
    referral: Id | None = None
    person: Id | None = None
    kind: AttemptKind
    reached: bool
    happened_at: Moment
    language: LanguageTag | None = None
    interpreter: Interpreter = Interpreter.NONE
    words: Words | None = None
    next_step: FewWords | None = None
    next_on: Day | None = None

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.next_on is not None and self.next_step is None:
            raise TwoTonguesError(
                "a date without a next step: say what is to be done on that day",
                "una fecha sin próximo paso: diga qué hay que hacer ese día",
            )
        return self


class AttemptRow(AttemptBody):
    """An attempt in a batch, with the id that the phone gave it."""

    id: Id

    def body(self) -> AttemptBody:
        """Return it as if it had been sent alone, so that both ways know each other's repeats."""
        return AttemptBody.model_validate(self.model_dump(exclude={"id"}))


class BatchBody(Body):
    """What a phone kept. Each row is looked at by itself."""

    attempts: Annotated[
        tuple[Annotated[Any, WithJsonSchema({"type": "object"})], ...],
        Field(
            min_length=1,
            max_length=BATCH,
            description="Each row is the body of `PUT /v1/contact-attempts/{id}` with its `id`.",
        ),
    ]


class AttemptView(Body):
    """An attempt as its readers see it. Words are null where none were, or the child was erased."""

    id: str
    student: str
    referral: str | None
    person: str | None
    kind: AttemptKind
    reached: bool
    happened_at: datetime
    language: str | None
    interpreter: Interpreter
    words: str | None
    next_step: str | None
    next_on: date | None
    by: str
    recorded_at: datetime
    warnings: tuple[Warned, ...] = ()


class RowAnswer(Body):
    """What became of one row.

    Attributes:
        row: its place in the batch, from 0.
        id: as the phone sent it, where it was one.
        result: `kept` however often it is sent; `refused` with the problem, and nothing kept.
    """

    row: int
    id: str | None
    result: Literal["kept", "refused"]
    attempt: AttemptView | None = None
    problem: dict[str, Any] | None = None


class BatchAnswer(Body):
    """What became of each row, in the order sent."""

    kept: int
    refused: int
    rows: tuple[RowAnswer, ...]


def attempts_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["contact attempts"])
    reader = Annotated[Principal, Depends(Allow(*TEAM, Role.ADMIN))]
    writer = Annotated[Principal, Depends(Allow(*TEAM))]

    @router.put("/contact-attempts/{id}")
    async def put_attempt(
        id: Identifier, body: AttemptBody, response: Response, caller: writer
    ) -> AttemptView:
        """Enter an attempt, however late; a repeat with the same body is the same answer.

        Of a child who is at another school by now, whoever was staff of the child's school when it
        happened enters it.
        """
        set_etag(response, 1)
        return await _enter(context, caller, id, body)

    @router.post(BATCH_PATH.removeprefix("/v1"))
    async def put_batch(body: BatchBody, caller: writer) -> BatchAnswer:
        """Enter what a phone kept; one bad row never loses the others. Send it again at will."""
        rows = [
            await _row(context, caller, number, row) for number, row in enumerate(body.attempts)
        ]
        kept = sum(row.result == "kept" for row in rows)
        return BatchAnswer(kept=kept, refused=len(rows) - kept, rows=tuple(rows))

    @router.get("/contact-attempts/{id}")
    async def get_attempt(id: Identifier, response: Response, caller: reader) -> AttemptView:
        """Return one attempt."""
        attempt = await context.store.get(ContactAttempt, identifier(id))
        if attempt is None:
            raise unknown("contact attempt")
        await child_for(context, caller, attempt.student, *TEAM)
        if not await may_see(context, caller, attempt.referral):
            raise unknown("contact attempt")
        set_etag(response, attempt.version)
        return await view_of(context, attempt)

    @router.get("/students/{student}/contact-attempts")
    async def list_attempts(
        student: Identifier, caller: reader, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[AttemptView]:
        """List the attempts to reach a child's family, the latest to happen first."""
        child = await child_for(context, caller, student, *TEAM)
        named = await reading.referrals_named(context.store, ContactAttempt, child.id)
        found = await reading.list_attempts(
            context.store,
            child.id,
            referrals=await seen_referrals(context, caller, named),
            before=read_moment(cursor),
            limit=limit + 1,
        )
        page = found[:limit]
        return Page[AttemptView](
            items=[await view_of(context, each) for each in page],
            next=write_moment(page[-1].happened_at, page[-1].id) if len(found) > limit else None,
        )

    return router


async def _enter(context: Context, caller: Principal, id: str, body: AttemptBody) -> AttemptView:
    warnings = warnings_of([("words", body.words), ("next_step", body.next_step)])
    print_ = fingerprint(context.secret, body)
    known = await context.store.get(ContactAttempt, identifier(id))
    if known is not None and (known.by, known.fingerprint) == (caller.subject, print_):
        # The same answer, however late: wherever the child is by now.
        view = await view_of(context, known)
        return view.model_copy(update={"warnings": warnings})
    now = context.clock.now()
    then = await child_then(context, caller, body.student, body.happened_at)
    student, referral = then.student, await referral_then(context, then, body.referral)
    attempt = ContactAttempt(
        id=identifier(id),
        student=student.id,
        family=student.family,
        site=student.site,
        referral=referral,
        person=await contact_then(context, student, body.person, body.happened_at),
        kind=body.kind,
        reached=body.reached,
        happened_at=happened(body.happened_at, now),
        language=body.language,
        interpreter=body.interpreter,
        words=await seal_if(context, student.id, body.words),
        next_step=await seal_if(context, student.id, body.next_step),
        next_on=body.next_on,
        # Whoever has no right where the child is now takes no step there.
        owner=await _owner(context, caller, referral) if then.still else None,
        by=caller.subject,
        recorded_at=in_milliseconds(now),
        fingerprint=print_,
        via=caller.origin.via.value,
    )
    entered = await attempts.put_attempt(context.desk, attempt)
    view = await view_of(context, entered)
    return view.model_copy(update={"warnings": warnings})


async def _owner(context: Context, caller: Principal, referral: str | None) -> str | None:
    """Return who takes a next step; None where that is whoever leads the referral at the time."""
    led = await context.store.get(Referral, referral) if referral else None
    return None if led is not None and led.coordinator == caller.subject else caller.subject


async def _row(context: Context, caller: Principal, number: int, row: object) -> RowAnswer:
    sent = row.get("id") if isinstance(row, dict) else None
    id = sent[:36] if isinstance(sent, str) else None
    try:
        attempt = AttemptRow.model_validate(row)
        view = await _enter(context, caller, attempt.id, attempt.body())
    except ValidationError as error:
        detail = "This row does not have the form of an attempt. Mend the fields and send it again."
        es = "Esta fila no tiene la forma de un intento. Corrija los campos y envíela otra vez."
        fields = told(error.errors(include_input=False))
        refused = _problem("malformed", HTTPStatus.UNPROCESSABLE_ENTITY, detail, es, fields=fields)
        return RowAnswer(row=number, id=id, result="refused", problem=refused)
    except EnlaceError as error:
        if error.kind is Kind.UNAVAILABLE:
            raise
        refused = _problem(error.slug, STATUS[error.kind], error.detail, error.es)
        return RowAnswer(row=number, id=id, result="refused", problem=refused)
    return RowAnswer(row=number, id=id, result="kept", attempt=view)


def _problem(slug: str, status: HTTPStatus, detail: str, es: str, **more: object) -> dict[str, Any]:
    """Return the problem that the row would have met alone (RFC 9457)."""
    title = slug.replace("-", " ").capitalize()
    return {
        "type": TYPE_BASE + slug,
        "title": title,
        "status": int(status),
        "detail": detail,
        "detail_es": es,
        **more,
    }


async def view_of(context: Context, attempt: ContactAttempt) -> AttemptView:
    """Return an attempt with its words opened."""
    return AttemptView(
        id=attempt.id,
        student=attempt.student,
        referral=attempt.referral,
        person=attempt.person,
        kind=attempt.kind,
        reached=attempt.reached,
        happened_at=attempt.happened_at,
        language=attempt.language,
        interpreter=attempt.interpreter,
        words=await open_words(context, attempt.words),
        next_step=await open_words(context, attempt.next_step),
        next_on=attempt.next_on,
        by=attempt.by,
        recorded_at=attempt.recorded_at,
    )
