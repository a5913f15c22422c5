"""The stand-in for partner: matching, the directory, seats and agreements."""

from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from tests.portal import samples_partners as samples
from tests.portal.samples import AGENCIES, DENTAL
from tests.portal.services_parts import page, refusal


@dataclass
class Partners:
    """What partner answers, and what it was asked.

    Attributes:
        needs: bodies of the questions who could help.
        puts: path, body and If-Match of everything that was entered.
        files: what was handed in as a signed document.
        unconfirmed: people at agencies whose address nobody else has confirmed.
        more: the services of all agencies together are more than a page.
    """

    matches: dict[str, Any] = field(default_factory=samples.sample_matches)
    services: list[dict[str, Any]] = field(default_factory=samples.sample_services)
    capacities: list[dict[str, Any]] = field(default_factory=samples.sample_capacities)
    agreements: list[dict[str, Any]] = field(default_factory=samples.sample_agreements)
    measures: list[dict[str, Any]] = field(default_factory=samples.sample_measures)
    changes: list[dict[str, Any]] = field(
        default_factory=lambda: [{"term": "until", "before": "2027-06-30", "after": "2028-06-30"}]
    )
    differences: dict[str, list[dict[str, Any]]] = field(default_factory=samples.sample_differences)
    waitlist: dict[str, Any] = field(default_factory=samples.sample_waitlist)
    needs: list[dict[str, Any]] = field(default_factory=list)
    puts: list[tuple[str, Any, str]] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)
    more: bool = False
    imports: list[dict[str, Any]] = field(default_factory=samples.sample_imports)
    deadlines: list[dict[str, Any]] = field(default_factory=list)
    unconfirmed: list[str] = field(default_factory=list)


def add_partners(app: FastAPI, state: Any) -> None:
    """Answer for partner; `state` is the stand-ins'."""
    _add_matching(app, state)
    _add_directory(app, state)
    _add_agreements(app, state)
    _add_imports(app, state)
    _add_entering(app, state)


def missing() -> Response:
    """Return that there is no such thing."""
    body = {"type": "https://enlace.org/problems/not-found", "status": 404, "detail": "None."}
    return JSONResponse(body, status_code=404, media_type="application/problem+json")


def _add_matching(app: FastAPI, state: Any) -> None:
    @app.post("/v1/matches")
    async def matches(request: Request) -> Any:
        state.partners.needs.append(await request.json())
        return state.partners.matches

    @app.post("/v1/matches/why")
    async def why(request: Request) -> Any:
        asked = (await request.json())["service"]
        fit = next((m for m in state.partners.matches["matches"] if m["service"] == asked), None)
        known = next((s for s in state.partners.services if s["id"] == asked), None)
        excluded = {**samples.county(), "service_name": known["name"]} if known else None
        return {"match": fit, "excluded": None if fit else excluded}


def _add_directory(app: FastAPI, state: Any) -> None:
    @app.get("/v1/services")
    async def services(request: Request) -> Any:
        asked = request.query_params
        found = [
            each
            for each in state.partners.services
            if asked.get("q", "").casefold() in each["name"].casefold()
            and asked.get("agency", each["agency"]) == each["agency"]
            and asked.get("category", each["category"]) in {each["category"], *each["also"]}
            and (not each["sites"] or asked.get("site", each["sites"][0]) in each["sites"])
        ]
        cut = state.partners.more and "agency" not in asked
        return {"items": [], "next": "more"} if cut else page(found)

    @app.get("/v1/services/{id}")
    async def one(id: str) -> Any:
        return next((s for s in state.partners.services if s["id"] == id), None) or missing()

    @app.get("/v1/agencies")
    async def agencies(q: str = "") -> Any:
        known = [samples.agency_view(id) for id in AGENCIES]
        return page([each for each in known if q.casefold() in each["name"].casefold()])

    @app.get("/v1/agencies/{id}")
    async def agency(id: str) -> Any:
        if id not in AGENCIES:
            return missing()
        return {**samples.agency_view(id), "unconfirmed": state.partners.unconfirmed}

    @app.get("/v1/capacities")
    async def capacities(service: str | None = None, site: str | None = None) -> Any:
        return page(
            [
                each
                for each in state.partners.capacities
                if service in {None, each["service"]} and site in {None, each["site"]}
            ]
        )

    @app.get("/v1/capacities/{service}/{site}/waitlist")
    async def waitlist(service: str, site: str) -> Any:
        known = (state.partners.waitlist["service"], state.partners.waitlist["site"])
        return state.partners.waitlist if known == (service, site) else missing()

    @app.get("/v1/agencies/{id}/performance")
    async def performance(id: str) -> Any:
        return samples.sample_performance() if id == DENTAL else missing()

    @app.get("/v1/directory-differences/{kind}")
    async def differences(kind: str) -> Any:
        return page(state.partners.differences[kind])


def _add_imports(app: FastAPI, state: Any) -> None:
    @app.get("/v1/imports/directory")
    async def imports() -> Any:
        return page([samples.import_summary(each) for each in state.partners.imports])

    @app.get("/v1/imports/directory/{id}")
    async def one(id: str) -> Any:
        return next((each for each in state.partners.imports if each["id"] == id), missing())

    @app.get("/v1/imports/directory/{id}/problems")
    async def problems(
        id: str, kind: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> Any:
        known = any(each["id"] == id for each in state.partners.imports)
        found = samples.PROBLEMS if known and kind in {None, samples.KIND} else []
        start = int(cursor or "0")
        more = start + limit < len(found)
        return {"items": found[start : start + limit], "next": str(start + limit) if more else None}


def _add_agreements(app: FastAPI, state: Any) -> None:
    @app.get("/v1/agreement-deadlines")
    async def deadlines() -> Any:
        return {"items": state.partners.deadlines, "total": len(state.partners.deadlines)}

    @app.get("/v1/agreements")
    async def agreements(agency: str | None = None, site: str | None = None) -> Any:
        return page(
            [
                each
                for each in state.partners.agreements
                if agency in {None, each["agency"]} and (site is None or site in each["sites"])
            ]
        )

    @app.get("/v1/agreements/{id}")
    async def agreement(id: str) -> Any:
        return next((a for a in state.partners.agreements if a["id"] == id), None) or missing()

    @app.get("/v1/agreements/{id}/metrics")
    async def metrics(id: str) -> Any:
        known = next(a for a in state.partners.agreements if a["id"] == id)
        return state.partners.measures if known["metrics"] else []

    @app.get("/v1/agreements/{id}/changes")
    async def changes(id: str) -> Any:
        del id
        return state.partners.changes

    @app.get("/v1/agreement-documents")
    async def document() -> Response:
        return Response(b"%PDF-1.7", media_type="application/pdf")


def _add_entering(app: FastAPI, state: Any) -> None:
    async def enter(request: Request) -> Any:
        seen = request.headers.get("if-match", "")
        state.partners.puts.append((request.url.path, await request.json(), seen))
        return refusal(state) or {}

    app.put("/v1/capacities/{service}/{site}")(enter)
    app.put("/v1/capacities/{service}/{site}/waitlist-policy")(enter)
    app.put("/v1/services/{id}")(enter)
    app.put("/v1/agencies/{id}")(enter)
    app.post("/v1/agencies/{id}/contacts/{contact}/confirm")(enter)
    app.put("/v1/agreements/{id}")(enter)
    app.put("/v1/agreements/{id}/papers/{kind}")(enter)
    app.put("/v1/agreements/{id}/milestones")(enter)

    @app.put("/v1/agreement-documents")
    async def keep(request: Request) -> Any:
        state.partners.files.append(await request.body())
        return refusal(state) or {}
