"""Stand-ins for emergency openings and for copies of a family's records."""

from datetime import date
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from services.chassis.sites import Site, Sites
from services.referral.api.disclosure_report import Names, ReportLanguage, ReportWords, write_report
from services.referral.api.export_page import Known, write_export
from services.referral.model.rules import Rules
from tests.portal.samples import DENTAL, referral_id
from tests.portal.services_parts import refusal

FOUND = {
    "student": referral_id(52),
    "name": "Luis Prado",
    "site": "site-02",
    "school": "Cesar Chavez Elementary",
}
SECTIONS: dict[str, list[dict[str, Any]]] = {
    "people": [{"name": "Elena", "relation": "mother", "reads": "es", "phone": "+15105550123"}],
    "referrals": [
        {
            "child": "Ana",
            "school": "site-01",
            "category": "dental",
            "state": "completed",
            "created_at": "2026-11-20T18:05:00+00:00",
            "asked": [{"agency": DENTAL, "service": "s1"}],
            "agency": DENTAL,
            "outcome": "partly-met",
        }
    ],
}


def add_rights(app: FastAPI, state: Any) -> None:
    """Answer as referral does; copies are made by its own page."""

    @app.post("/v1/break-glass/search")
    async def search(request: Request) -> Any:
        body = await request.json()
        state.posted.append(("/v1/break-glass/search", body))
        if (refused := refusal(state)) is not None:
            return refused
        if len(body["name"].split()) < 2 or len(body["reason"]) < 20:
            return _malformed()
        found = [FOUND] if "prado" in body["name"].casefold() else []
        return {"items": found, "more": False, "warnings": state.warnings}

    @app.get("/v1/families/{id}/export")
    async def export(request: Request, id: str, language: ReportLanguage) -> Response:
        state.parts.made.append((f"/v1/families/{id}/export", request.query_params.multi_items()))
        names = dict(each.split(":", 1) for each in request.query_params.getlist("name"))
        rules = Rules()
        say = ReportWords(language, rules.needs, rules.spoken, rules.whys)
        sites = Sites({"site-01": Site(name="Lincoln Elementary", coordinator="R", phone="+1")})
        known = Known(names, {}, frozenset(), sites, "America/Los_Angeles")
        return HTMLResponse(write_export(SECTIONS, date(2026, 11, 22), known, say, cut=False))

    @app.get("/v1/families/{id}/disclosure-report")
    async def report(request: Request, id: str, language: ReportLanguage) -> Response:
        path = f"/v1/families/{id}/disclosure-report"
        state.parts.made.append((path, request.query_params.multi_items()))
        page = write_report(
            [],
            Names({}, {}, {}),
            Rules().needs,
            language=language,
            made=date(2026, 11, 22),
            reader="Elena",
            elsewhere=False,
            partial=False,
            cut=None,
        )
        return HTMLResponse(page)


def _malformed() -> Response:
    body = {"type": "https://enlace.org/problems/malformed", "status": 422, "detail": "Look again."}
    return JSONResponse(body, status_code=422, media_type="application/problem+json")
