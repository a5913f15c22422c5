"""The today queue over HTTP."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator, TypeAdapter, ValidationError

from contracts.categories import Category
from contracts.codes import Audience, Urgency
from contracts.follow_ups import EscalationLevel
from services.chassis.auth import Allow, Principal, Role
from services.chassis.closed import need_listed
from services.chassis.http.commands import (
    Body,
    Cursor,
    Limit,
    cursor_malformed,
    read_cursor,
    write_cursor,
)
from services.chassis.privacy import Vault
from services.referral import store as reading
from services.referral.api.context import Context, short_name
from services.referral.api.help_view import HelpReader
from services.referral.api.sight import STAFF, named_sites, seen, unseen
from services.referral.handlers import today
from services.referral.handlers.owners import Owners, owners
from services.referral.handlers.today_records import Sight
from services.referral.model.follow_up import local_date
from services.referral.model.help_request import HelpRequest
from services.referral.model.people import Student
from services.referral.model.today import gone_up
from services.referral.model.today_rows import REQUEST, Call, NextStep, Reason, Row

_Place = tuple[int, int, str, str]
_PLACE = TypeAdapter(_Place)


class CallView(Body):
    """Why a child is here, since when, and what to do next, as codes.

    Attributes:
        deadline: when something is lost if nobody acts.
        follow_up: which one waits, for `POST …/follow-ups/{follow_up}/done` and its like.
        referral: null where a record beside the referrals calls, which `record` then names.
        category, urgency, audience: of the referral; null without one.
        owner: who sees to it today; null where it is anybody's of the school. What was given to
            somebody who is none of its staff any more is the referral's coordinator's.
        covering_for: whose it is when they are back; null where nobody is covered.
        agencies: ids of who has taken it, otherwise of those that are asked.
        help_request: a request for help that nobody has looked at yet; then there is no referral,
            and nothing is known of its category and urgency.
        record: id of the request to delete, child-protection report, opening, meeting, attempt, or
            of the consent whose paper is not stored.
        task: which one of the meeting.
        withheld: it has gone up to the caller, who may not see the need: child, need and what tells
            of them are null; the school and `owner` know.
    """

    reason: Reason
    step: NextStep
    since: datetime
    deadline: datetime | None
    referral: str | None
    site: str | None
    category: Category | None
    urgency: Urgency | None
    audience: Audience | None
    owner: str | None
    covering_for: str | None = None
    agencies: tuple[str, ...]
    follow_up: str | None
    level: EscalationLevel | None
    record: str | None
    task: str | None
    help_request: str | None
    withheld: bool = False


class RowView(CallView):
    """One child of the queue: the first reason, and all further ones in `more`.

    Attributes:
        student: null for a request for help whose child nobody knows yet, and where `withheld`.
        name: of the child; of such a request, as whoever asked named it, or the children of the
            household; a dash where nothing is known.
    """

    student: str | None
    name: str
    grade: str | None
    more: tuple[CallView, ...]


class TodayPage(Body):
    """A page of the queue.

    Attributes:
        total: children in the queue, before the filter by reason.
        counts: children by reason; a child with two reasons counts in both.
        open: referrals of these schools that are under way, whether they call for somebody or not.
        next: cursor of the page after; null at the end.
    """

    items: tuple[RowView, ...]
    total: int
    counts: dict[str, int]
    open: int
    next: str | None


def today_router(context: Context, askers: Vault) -> APIRouter:
    """Return the router.

    Args:
        context: what the endpoints need.
        askers: the vault of those who asked for help and whose family is not known.
    """
    requests = HelpReader(context, askers)
    router = APIRouter(prefix="/v1/today", tags=["today"])
    reader = Annotated[Principal, Depends(Allow(*STAFF, Role.LEADERSHIP, Role.ADMIN))]

    @router.get("")
    async def get_today(
        caller: reader,
        site: Annotated[str | None, Query(max_length=64, description="One school only.")] = None,
        reason: Annotated[
            Reason | None,
            Query(description="Children with this reason only."),
            AfterValidator(need_listed),
        ] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> TodayPage:
        """Return whom to help first: one row a child, in the published order.

        The district's administrators and a school's lead, who do none of its work, see what has
        gone up to them; of needs that they may not see without the child and the need.
        """
        if site is not None and site not in caller.led:
            caller.need_site(site, *STAFF, what="site")
        sight = _sight(context, caller, site)
        found = await today.rows(context.desk, sight, zone=context.settings.zone)
        if not caller.has(*STAFF):
            found = gone_up(found, caller.led, district=caller.has(Role.ADMIN))
        after = _place(read_cursor(cursor))
        shown = [
            row
            for row in found
            if (reason is None or any(each.reason is reason for each in row.calls))
            and (after is None or row.place > after)
        ]
        page = shown[:limit]
        students = await reading.students_of(
            context.store, [row.student for row in page if row.student]
        )
        today_here = local_date(context.clock.now(), context.settings.zone)
        calls = [each for row in page for each in row.calls]
        there = {each.site for each in calls if each.site}
        given = {(who, x.site) for x in calls if x.site for who in (x.owner, x.lead) if who}
        who = await owners(context.desk, context.register, there, today_here, given)
        return TodayPage(
            items=tuple(
                [
                    await _request_row(context, requests, row, sight.leads, who)
                    if row.key.startswith(REQUEST)
                    else await _row(context, row, students.get(row.student or ""), who)
                    for row in page
                ]
            ),
            total=len(found),
            counts=_counts(found),
            open=await today.open_count(context.desk, sight.seen),
            next=write_cursor(json.dumps(page[-1].place)) if len(shown) > limit else None,
        )

    return router


def _sight(context: Context, caller: Principal, site: str | None) -> Sight:
    """Return what a caller may see of all their schools, or of one."""
    rules = context.desk.rules()
    may_see, hidden = seen(caller, rules, *STAFF), unseen(caller, rules, Role.COORDINATOR)
    return Sight(
        subject=caller.subject,
        seen=may_see if site is None else {"$and": [may_see, {"site": site}]},
        sites=_at(caller.sites(*STAFF), site),
        named=_at(named_sites(caller, rules), site),
        leads=_at(caller.sites(Role.COORDINATOR), site),
        led=_at(caller.led, site),
        unseen=hidden if site is None else {"$and": [hidden, {"site": site}]},
    )


def _at(sites: frozenset[str], site: str | None) -> frozenset[str]:
    """Return the schools of a list, or the one of them that is asked for."""
    if site is None:
        return sites
    return frozenset({site}) if {"*", site} & sites else frozenset()


def _place(position: str | None) -> _Place | None:
    """Return the place in the queue that a cursor names.

    Raises:
        EnlaceError: it names none.
    """
    if position is None:
        return None
    try:
        return _PLACE.validate_json(position)
    except ValidationError:
        raise cursor_malformed() from None


def _counts(rows: Sequence[Row]) -> dict[str, int]:
    found = Counter(reason for row in rows for reason in {each.reason for each in row.calls})
    return {reason.value: found[reason] for reason in Reason if found[reason]}


async def _row(context: Context, row: Row, student: Student | None, who: Owners) -> RowView:
    first, *more = row.calls
    record = await context.known_record(student)
    return RowView(
        **_fields(first, who),
        student=row.student,
        name=short_name(record),
        grade=record.grade if record else None,
        more=tuple(CallView(**_fields(each, who)) for each in more),
    )


async def _request_row(
    context: Context, requests: HelpReader, row: Row, sites: frozenset[str], who: Owners
) -> RowView:
    """Say who a request is about, as far as anybody knows."""
    (first,) = row.calls
    request = await context.store.get(HelpRequest, first.help_request or "")
    asked = await requests.opened(request) if request else None
    children = await requests.children(request, sites) if request else []
    named = ", ".join(each.name for each in children[:4])
    return RowView(
        **_fields(first, who),
        student=None,
        name=(asked.child if asked else None) or named or "-",
        grade=asked.grade if asked else None,
        more=(),
    )


def _fields(call: Call, who: Owners) -> dict[str, Any]:
    owner, covering_for = call.owner, None
    if call.site:
        owner, covering_for = who.today(call.owner, call.lead, call.site)
    asked = set(CallView.model_fields) - {"owner", "covering_for"}
    return {
        **{name: getattr(call, name) for name in asked},
        "owner": owner,
        "covering_for": covering_for,
    }
