"""Child-study meetings and their tasks over HTTP."""

from datetime import date, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AfterValidator, Field, model_validator

from services.chassis.auth import Allow, Principal, Role
from services.chassis.closed import need_listed
from services.chassis.errors import EnlaceError, Kind, TwoTonguesError, unknown
from services.chassis.fields import Day, Id
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    IfMatch,
    Limit,
    Page,
    expected_version,
    fingerprint,
    identifier,
    read_cursor,
    set_etag,
    write_cursor,
)
from services.referral import care_store as reading
from services.referral.api.children import child_for
from services.referral.api.context import Context
from services.referral.api.fields import SchoolDay
from services.referral.api.words import (
    TEAM,
    FewWords,
    StaffSubject,
    Warned,
    Words,
    name_warnings,
    open_words,
    seal_words,
    warnings_of,
)
from services.referral.handlers import meetings
from services.referral.model.attempts import in_milliseconds
from services.referral.model.care import TeamRole
from services.referral.model.follow_up import local_date
from services.referral.model.meeting import (
    MAX_TASKS,
    Meeting,
    Participant,
    Task,
    TaskState,
    need_held,
)


class ParticipantBody(Body):
    """Somebody who took part; a parent is `other`."""

    name: Annotated[FewWords, Field(max_length=100)]
    role: TeamRole
    subject: StaffSubject | None = None


class TaskBody(Body):
    """Something that was agreed. `owner` is the sign-in of who does it."""

    what: FewWords
    owner: StaffSubject
    due_on: SchoolDay


class NewTaskBody(TaskBody):
    """A task of a new meeting, with the id that the client gave it."""

    id: Id


class MeetingBody(Body):
    """A child-study meeting that was held."""

    student: Id
    held_on: SchoolDay
    participants: Annotated[tuple[ParticipantBody, ...], Field(min_length=1, max_length=30)]
    decided: Words
    tasks: Annotated[tuple[NewTaskBody, ...], Field(max_length=MAX_TASKS)] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({each.id.lower() for each in self.tasks}) < len(self.tasks):
            raise TwoTonguesError(
                "two tasks have one id: give each its own",
                "dos tareas tienen el mismo identificador: dé uno propio a cada una",
            )
        return self


class ParticipantView(Body):
    """Somebody who took part."""

    name: str | None
    role: TeamRole
    subject: str | None


class TaskView(Body):
    """A task as staff of the school see it."""

    id: str
    meeting: str
    student: str
    what: str | None
    owner: str
    due_on: date
    state: TaskState
    overdue_at: datetime | None
    done_at: datetime | None
    done_by: str | None


class MeetingView(Body):
    """A meeting as staff of the school see it. Words are null where the child was erased."""

    id: str
    version: int
    student: str
    held_on: Day
    participants: tuple[ParticipantView, ...]
    decided: str | None
    tasks: tuple[TaskView, ...]
    by: str
    recorded_at: datetime
    warnings: tuple[Warned, ...] = ()


def meetings_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["meetings"])
    reader = Annotated[Principal, Depends(Allow(*TEAM, Role.ADMIN))]
    writer = Annotated[Principal, Depends(Allow(*TEAM))]

    async def meeting_for(caller: Principal, id: str) -> Meeting:
        meeting = await context.store.get(Meeting, identifier(id))
        if meeting is None:
            raise unknown("meeting")
        await child_for(context, caller, meeting.student, *TEAM)
        return meeting

    @router.put("/meetings/{id}")
    async def put_meeting(
        id: Identifier, body: MeetingBody, response: Response, caller: writer
    ) -> MeetingView:
        """Write a meeting down; a repeat with the same body is the same answer."""
        student = await child_for(context, caller, body.student, *TEAM)
        need_held(body.held_on, local_date(context.clock.now(), context.settings.zone))
        known = await context.store.get(Meeting, identifier(id))
        owners = {} if known else {each.id: each.owner for each in body.tasks}
        await meetings.need_owners(context.register, known, owners, student.site)
        participants = [
            Participant(
                name=await seal_words(context, student.id, each.name),
                role=each.role,
                subject=each.subject,
            )
            for each in body.participants
        ]
        meeting = Meeting(
            id=identifier(id),
            student=student.id,
            family=student.family,
            site=student.site,
            zone=context.settings.zone,
            held_on=body.held_on,
            participants=tuple(participants),
            decided=await seal_words(context, student.id, body.decided),
            tasks=tuple([await _task(context, student.id, each.id, each) for each in body.tasks]),
            by=caller.subject,
            recorded_at=in_milliseconds(context.clock.now()),
            fingerprint=fingerprint(context.secret, body),
        )
        entered = await meetings.put_meeting(context.desk, meeting)
        texts = [
            ("decided", body.decided),
            *((f"tasks.{each.id}", each.what) for each in body.tasks),
        ]
        names = [(f"participants.{n}", each.name) for n, each in enumerate(body.participants)]
        warnings = (*warnings_of(texts), *name_warnings(names))
        return await _answer(context, response, entered, warnings)

    @router.get("/meetings/{id}")
    async def get_meeting(id: Identifier, response: Response, caller: reader) -> MeetingView:
        """Return one meeting."""
        return await _answer(context, response, await meeting_for(caller, id))

    @router.put("/meetings/{id}/tasks/{task}")
    async def put_task(
        id: Identifier, task: Identifier, body: TaskBody, response: Response, caller: writer
    ) -> MeetingView:
        """Add a task to a meeting; a repeat with the same body is the same answer."""
        meeting = await meeting_for(caller, id)
        wanted = {identifier(task): body.owner}
        await meetings.need_owners(context.register, meeting, wanted, meeting.site)
        fresh = await _task(context, meeting.student, task, body)
        after = await meetings.put_task(context.desk, meeting.id, fresh)
        return await _answer(context, response, after, warnings_of([("what", body.what)]))

    @router.post("/meetings/{id}/tasks/{task}/done")
    async def do_task(
        id: Identifier,
        task: Identifier,
        response: Response,
        caller: writer,
        if_match: IfMatch = None,
    ) -> MeetingView:
        """Say that a task is done; a repeat is a success."""
        meeting = await meeting_for(caller, id)
        after = await meetings.do_task(
            context.desk,
            meeting.id,
            identifier(task),
            caller.subject,
            expected=expected_version(if_match),
        )
        return await _answer(context, response, after)

    @router.get("/students/{student}/meetings")
    async def list_meetings(
        student: Identifier, caller: reader, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[MeetingView]:
        """List a child's meetings, newest first."""
        child = await child_for(context, caller, student, *TEAM)
        found = await reading.list_meetings(
            context.store, child.id, before=read_cursor(cursor), limit=limit + 1
        )
        page = found[:limit]
        return Page[MeetingView](
            items=[await view_of(context, each) for each in page],
            next=write_cursor(page[-1].id) if len(found) > limit else None,
        )

    @router.get("/tasks")
    async def list_tasks(
        caller: reader,
        state: Annotated[
            list[TaskState] | None, Query(max_length=3), AfterValidator(need_listed)
        ] = None,
        owner: Annotated[
            str | None, Query(max_length=200, description="A sign-in; `me` for one's own.")
        ] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[TaskView]:
        """List the tasks of the caller's schools, open and overdue ones unless asked otherwise.

        A page holds the tasks of `limit` meetings.
        """
        states = state or [TaskState.OPEN, TaskState.OVERDUE]
        wanted = caller.subject if owner == "me" else owner
        found = await reading.meetings_with_tasks(
            context.store,
            caller.sites(*TEAM),
            states,
            owner=wanted,
            after=read_cursor(cursor),
            limit=limit + 1,
        )
        page = found[:limit]
        return Page[TaskView](
            items=[
                await _task_view(context, meeting, task)
                for meeting in page
                for task in meeting.tasks
                if task.state in states and wanted in {None, task.owner}
            ],
            next=write_cursor(page[-1].id) if len(found) > limit else None,
        )

    return router


async def _task(context: Context, student: str, id: str, body: TaskBody) -> Task:
    if not 2000 <= body.due_on.year <= 2100:  # noqa: PLR2004 - a slip of the finger otherwise
        raise EnlaceError(
            "due-date-impossible",
            Kind.MALFORMED,
            "Check the year of the task's due date.",
            es="Revise el año de la fecha límite de la tarea.",
        )
    alone = TaskBody(what=body.what, owner=body.owner, due_on=body.due_on)
    return Task(
        id=identifier(id),
        what=await seal_words(context, student, body.what),
        owner=body.owner,
        due_on=body.due_on,
        fingerprint=fingerprint(context.secret, alone),
    )


async def _answer(
    context: Context, response: Response, meeting: Meeting, warnings: tuple[Warned, ...] = ()
) -> MeetingView:
    set_etag(response, meeting.version)
    view = await view_of(context, meeting)
    return view.model_copy(update={"warnings": warnings})


async def view_of(context: Context, meeting: Meeting) -> MeetingView:
    """Return a meeting with its words opened."""
    return MeetingView(
        id=meeting.id,
        version=meeting.version,
        student=meeting.student,
        held_on=meeting.held_on,
        participants=tuple(
            [
                ParticipantView(
                    name=await open_words(context, each.name), role=each.role, subject=each.subject
                )
                for each in meeting.participants
            ]
        ),
        decided=await open_words(context, meeting.decided),
        tasks=tuple([await _task_view(context, meeting, each) for each in meeting.tasks]),
        by=meeting.by,
        recorded_at=meeting.recorded_at,
    )


async def _task_view(context: Context, meeting: Meeting, task: Task) -> TaskView:
    return TaskView(
        id=task.id,
        meeting=meeting.id,
        student=meeting.student,
        what=await open_words(context, task.what),
        owner=task.owner,
        due_on=task.due_on,
        state=task.state,
        overdue_at=task.overdue_at,
        done_at=task.done_at,
        done_by=task.done_by,
    )
