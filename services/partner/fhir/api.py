"""FHIR R4 over HTTP: an agency's system reads its Tasks, and answers by putting them back."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import EnlaceError, Kind, unknown
from services.chassis.http.commands import (
    cursor_malformed,
    fingerprint,
    read_cursor,
    write_cursor,
)
from services.partner.api.context import Context
from services.partner.fhir import reading, resources
from services.partner.fhir.capability import capability_statement
from services.partner.fhir.changes import Ask, Plain, Refuse, SentTask, answer_of
from services.partner.fhir.codes import Json, TaskStatus, states_of
from services.partner.fhir.outcome import FhirResponse, FhirRoute
from services.partner.fhir.resources import Seen
from services.partner.handlers import attendance, offers, questions
from services.partner.model import answers
from services.partner.model.agency import Agency
from services.partner.model.progress import Report
from services.partner.model.service import Service
from services.partner.own import Found, Place, offer_of, offers_of
from services.partner.subscriptions.api.caller import AllowKey, agency_of
from services.partner.subscriptions.handlers import Desk
from services.partner.subscriptions.model.key import Scope

BASE = "/fhir/r4"
_MOST = 100
_STATUSES = 500

Count = Annotated[int, Query(alias="_count", ge=1, le=_MOST, description="Tasks a page.")]
Status = Annotated[
    list[Annotated[str, Query(max_length=_STATUSES)]] | None,
    Query(description="Of the Tasks, several with commas: `requested,accepted`.", max_length=10),
]
Include = Annotated[
    list[Annotated[str, Query(max_length=100)]] | None,
    Query(alias="_include", description="`Task:focus`, `Task:patient`.", max_length=5),
]
ResourceId = Annotated[str, Path(max_length=64)]


def fhir_router(context: Context, desk: Desk) -> APIRouter:
    """Return the router; an agency's key needs the scope `fhir`."""
    router = APIRouter(
        prefix=BASE,
        tags=["fhir"],
        route_class=FhirRoute,
        default_response_class=FhirResponse,
    )
    rule_ = AllowKey(desk, Scope.FHIR, Role.AGENCY)
    _add_tasks(router, context, rule_)
    _add_readings(router, context, rule_)
    return router


def _add_tasks(router: APIRouter, context: Context, rule_: AllowKey) -> None:
    caller_ = Annotated[Principal, Depends(rule_)]

    @router.get("/Task")
    async def search_tasks(
        request: Request,
        caller: caller_,
        *,
        status: Status = None,
        include: Include = None,
        count: Count = 50,
        cursor: Annotated[str | None, Query(alias="_cursor", max_length=200)] = None,
    ) -> Response:
        """Search the agency's Tasks: by status, page by page, the newest referral first."""
        agency = await _agency(context, caller)
        states = states_of(_statuses(status)) if status else None
        after = await _place(context, agency.id, cursor)
        page = await offers_of(context.store, agency.id, states, after, count + 1)
        found = await reading.seen(context, agency, page[:count])
        following = page[count - 1].place if len(page) > count else None
        return FhirResponse(_bundle(request, found, _included(include), following))

    @router.get("/Task/{id}")
    async def read_task(id: ResourceId, caller: caller_) -> Response:
        """Read one Task."""
        return _told(resources.task_of(await _one(context, caller, id)))

    @router.put("/Task/{id}")
    async def update_task(
        id: ResourceId,
        body: SentTask,
        caller: caller_,
        if_match: Annotated[str | None, Header(max_length=100)] = None,
    ) -> Response:
        """Answer: accept, reject, give a date, begin, complete; the same again changes nothing.

        Of what is sent, status, statusReason, businessStatus, executionPeriod and output are read.
        """
        before = await _one(context, caller, id)
        _check_sent(body, id, before, if_match)
        found = Found(before.offering, before.offer)
        await _answer(context, found, body, before)
        return _told(resources.task_of(await _one(context, caller, id)))


def _add_readings(router: APIRouter, context: Context, rule_: AllowKey) -> None:
    """Add what a Task leads to."""
    caller_ = Annotated[Principal, Depends(rule_)]

    @router.get("/metadata", dependencies=[Depends(Allow())])
    async def get_metadata() -> Response:
        """Say what this server does: its CapabilityStatement."""
        return FhirResponse(capability_statement())

    @router.get("/ServiceRequest/{id}")
    async def read_request(id: ResourceId, caller: caller_) -> Response:
        """Read what is asked for."""
        return _told(resources.request_of(await _one(context, caller, id)))

    @router.get("/Patient/{id}")
    async def read_patient(id: ResourceId, caller: caller_) -> Response:
        """Read the child as anybody at the agency may know it here; identity is masked."""
        return _told(resources.patient_of(await _one(context, caller, id)))

    @router.get("/Organization/{id}")
    async def read_organization(id: ResourceId, caller: caller_) -> Response:
        """Read the agency itself, or a school that has asked it."""
        agency = await _agency(context, caller)
        if id == agency.id:
            return _told(resources.organization_of(id, agency.name, kind="prov"))
        if not await reading.has_asked(context, id, agency.id):
            raise unknown("Organization")
        return _told(resources.organization_of(id, context.sites.get(id).name, kind="edu"))

    @router.get("/HealthcareService/{id}")
    async def read_service(id: ResourceId, caller: caller_) -> Response:
        """Read a service of the agency's own; the whole directory is read as HSDS."""
        agency = await _agency(context, caller)
        service = await context.store.get(Service, id)
        if service is None or service.agency != agency.id:
            raise unknown("HealthcareService")
        return _told(
            resources.service_of(
                id, service.name, agency.id, service.category, active=not service.retired
            )
        )


async def _agency(context: Context, caller: Principal) -> Agency:
    agency = await context.store.get(Agency, agency_of(caller, None, Role.AGENCY))
    if agency is None or agency.retired:
        raise unknown("agency")
    return agency


async def _one(context: Context, caller: Principal, id: str) -> Seen:
    agency = await _agency(context, caller)
    found = await offer_of(context.store, agency.id, id, what="Task")
    return (await reading.seen(context, agency, [found]))[0]


async def _answer(context: Context, found: Found, body: SentTask, before: Seen) -> None:
    store, clock = context.store, context.clock
    referral, offer = found.offering.id, found.offer
    match answer_of(body, before):
        case Plain.CLAIM:
            await offers.claim(store, found.offering, offer, clock)
        case Plain.WAIT:
            await offers.wait(store, referral, offer.id, clock)
        case Refuse() as no:
            await context.district.need_reason(no.reason, offer.reason)
            needs = await context.district.needs()
            where = (found.offering, offer)
            await attendance.need_coded(store, where, no.reason, no.words or "", needs)
            sealed = await context.seal_for(offer.contact, no.words) if no.words else None
            await offers.decline(store, referral, offer.id, answers.No(no.reason, sealed), clock)
        case Ask() as wish:
            needs = await context.district.needs()
            why = body.statusReason if wish.words else None
            mark = fingerprint(context.secret, why) if why else ""
            asked = questions.Asked(wish.topics, wish.words, mark)
            where = (found.offering, offer)
            await questions.ask(store, where, asked, needs, clock, seal=context.seal_for)
        case Report() as said:
            needs = await context.district.needs()
            coded = await attendance.in_codes(store, found.offering, offer, said, needs)
            await offers.report_progress(store, referral, offer.id, coded, clock)
        case Plain.NOTHING:
            return


def _check_sent(body: SentTask, id: str, before: Seen, if_match: str | None) -> None:
    if body.id != id:
        raise EnlaceError(
            "task-not-usable",
            Kind.MALFORMED,
            "The Task has another id than its address. Nothing was changed: send it to its own.",
            es="La tarea tiene otro identificador que su dirección. No se cambió nada: envíela a "
            "la suya.",
        )
    stands = _etag(resources.task_of(before))
    if if_match is not None and if_match.strip() not in {stands, stands.removeprefix("W/"), "*"}:
        raise EnlaceError(
            "stale-version",
            Kind.STALE,
            "This Task has changed since you read it. Nothing was changed: read it again, then put "
            "your change into what you read.",
            es="Esta tarea cambió desde que usted la leyó. No se cambió nada: léala otra vez y "
            "ponga su cambio en lo que leyó.",
        )


def _told(resource: Json) -> Response:
    return FhirResponse(resource, headers={"ETag": _etag(resource)})


def _etag(resource: Mapping[str, Any]) -> str:
    return f'W/"{resource["meta"]["versionId"]}"'


def _statuses(given: list[str]) -> frozenset[str]:
    """Return the statuses that a search names: FHIR joins alternatives with commas."""
    named = frozenset(each for part in given for each in part.split(",") if each)
    known = {each.value for each in TaskStatus}
    if unlisted := named - known:
        raise EnlaceError(
            "status-unknown",
            Kind.MALFORMED,
            f"{len(unlisted)} of these statuses no Task here has: send some of "
            f"{', '.join(sorted(known))}.",
            es=f"{len(unlisted)} de estos estados no los tiene ninguna tarea: envíe algunos de "
            f"{', '.join(sorted(known))}.",
        )
    return named


async def _place(context: Context, agency: str, cursor: str | None) -> Place | None:
    """Return where a list goes on: a cursor is an offer of the agency's own, and tells no more."""
    position = read_cursor(cursor)
    if position is None:
        return None
    try:
        return (await offer_of(context.store, agency, position, what="Task")).place
    except EnlaceError:
        raise cursor_malformed() from None


_INCLUDES = {
    "Task:focus": resources.request_of,
    "Task:patient": resources.patient_of,
    "Task:subject": resources.patient_of,
}


def _included(wanted: list[str] | None) -> list[str]:
    named = [each for each in wanted or () if each in _INCLUDES]
    if len(named) < len(wanted or ()):
        may = ", ".join(_INCLUDES)
        raise EnlaceError(
            "include-unknown",
            Kind.MALFORMED,
            f"Only these can be included: {may}. Read the others by their own address.",
            es=f"Solo se pueden incluir: {may}. Lea lo demás en su propia dirección.",
        )
    return list(dict.fromkeys(named))


def _bundle(
    request: Request, found: list[Seen], included: list[str], following: Place | None
) -> Json:
    base = str(request.base_url).rstrip("/") + BASE
    links = [{"relation": "self", "url": str(request.url)}]
    if following is not None:
        cursor = write_cursor(following.offer)
        url = str(request.url.include_query_params(_cursor=cursor))
        links.append({"relation": "next", "url": url})
    entries = [_entry(base, resources.task_of(each), "match") for each in found]
    for make in dict.fromkeys(_INCLUDES[each] for each in included):
        entries += [_entry(base, make(each), "include") for each in found]
    return {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}


def _entry(base: str, resource: Json, mode: str) -> Json:
    return {
        "fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}",
        "resource": resource,
        "search": {"mode": mode},
    }
