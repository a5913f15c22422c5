"""Many children to one service in one command: thirty to a vision clinic."""

from typing import Annotated
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, Field

from contracts.categories import Category
from contracts.codes import Urgency
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import EnlaceError, TwoTonguesError
from services.chassis.fields import Moment
from services.chassis.http.commands import Body, identifier
from services.chassis.needs import need_known
from services.referral.api.context import Context
from services.referral.api.fields import DespiteDuplicate, Need
from services.referral.api.referrals import CandidateBody, ReferralBody, ask, write_down
from services.referral.api.words import Warned, warnings_of

MOST = 100
_BATCHES = UUID("c1f0b5e2-7d0c-5a56-9d0e-3f5a0a8c4b21")


def _plain(text: str) -> str:
    if not text.isascii():
        raise TwoTonguesError(
            "this is no id: it has letters and figures without accents",
            "este no es un identificador: lleva letras y cifras sin acentos",
        )
    return text


Named = Annotated[str, Field(max_length=64), AfterValidator(_plain)]
"""A row whose id is none is refused by itself, and the others go."""


class BulkRow(Body):
    """One child, under a referral id of the client's own making."""

    referral: Named
    student: Named
    despite_duplicate: DespiteDuplicate | None = None


class BulkBody(Body):
    """The same need of many children, and the service that is asked."""

    category: Category
    urgency: Urgency = Urgency.ROUTINE
    need: Need
    candidate: CandidateBody
    answer_by: Moment | None = None
    rows: Annotated[tuple[BulkRow, ...], Field(min_length=1, max_length=MOST)]


class BulkOutcome(Body):
    """What became of one row; `problem` is None where it was sent."""

    referral: str
    student: str
    problem: str | None = None
    detail: str | None = None
    detail_es: str | None = None


class BulkAnswer(Body):
    """How many were sent, every row in the order of the request, and what to look at again."""

    sent: int
    rows: tuple[BulkOutcome, ...]
    warnings: tuple[Warned, ...] = ()


def bulk_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["referrals"])

    @router.post("/bulk-referrals")
    async def refer_many(
        body: BulkBody, caller: Annotated[Principal, Depends(Allow(Role.COORDINATOR))]
    ) -> BulkAnswer:
        """Refer each child to the service, each as its own referral.

        A row that cannot be sent says why and does not keep the others; the same request again
        goes on with what was missed and repeats nothing.
        """
        need_known(context.desk.rules().needs, [body.category])
        batch = _batch_of(caller, body)
        done = [await _row(context, caller, body, row, batch) for row in body.rows]
        reasons = [row.despite_duplicate for row in body.rows]
        return BulkAnswer(
            sent=sum(each.problem is None for each in done),
            rows=tuple(done),
            warnings=warnings_of(
                [
                    ("need", body.need),
                    *((f"rows.{n}.despite_duplicate", why) for n, why in enumerate(reasons)),
                ]
            ),
        )

    return router


def _batch_of(caller: Principal, body: BulkBody) -> str | None:
    """Return the id by which the agency is told of them together; none for a single child.

    The same for the same request again, so that what was missed joins the others. Whom somebody
    calls no message asks, of one child or of many.
    """
    if len(body.rows) == 1 or body.candidate.by_phone:
        return None
    names = sorted(each.referral for each in body.rows)
    return str(uuid5(_BATCHES, "\n".join((caller.subject, body.candidate.service, *names))))


async def _row(
    context: Context, caller: Principal, body: BulkBody, row: BulkRow, batch: str | None
) -> BulkOutcome:
    asked = (body.candidate.candidate(),)
    try:
        need = ReferralBody(
            student=identifier(row.student),
            category=body.category,
            urgency=body.urgency,
            need=body.need,
            despite_duplicate=row.despite_duplicate,
        )
        referral = await write_down(context, caller, row.referral, need)
        if not referral.round:  # sent again, it has been asked already, and may have moved on
            by = body.answer_by
            await ask(context, caller, referral, asked, by, expected=None, batch=batch)
    except EnlaceError as error:
        return BulkOutcome(
            referral=row.referral,
            student=row.student,
            problem=error.slug,
            detail=error.detail,
            detail_es=error.es,
        )
    return BulkOutcome(referral=row.referral, student=row.student)
