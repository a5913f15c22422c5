"""The stand-ins for the parts of one referral, and for what calls besides the referrals."""

from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from tests.portal import samples_parts as samples
from tests.portal import samples_records as records
from tests.portal.samples import CHILDREN


@dataclass
class Parts:
    """What the services answer of one referral's parts.

    Attributes:
        meanwhile: what a refusal tells that others did.
        puts: path and body of everything that was entered.
        papers: bytes of the papers that were handed in.
        made: path and question of every copy of a family's records.
        seen: path and If-Match of every command.
    """

    follow_ups: list[dict[str, Any]] = field(default_factory=samples.follow_ups)
    consents: list[dict[str, Any]] = field(default_factory=samples.consents)
    notes: list[dict[str, Any]] = field(default_factory=samples.notes)
    attempts: list[dict[str, Any]] = field(default_factory=samples.attempts)
    disclosures: list[dict[str, Any]] = field(default_factory=samples.disclosures)
    history: list[dict[str, Any]] = field(default_factory=samples.history)
    receipt: dict[str, Any] = field(default_factory=records.receipt)
    opening: dict[str, Any] = field(default_factory=records.opening)
    report: dict[str, Any] = field(default_factory=records.report)
    meanwhile: list[dict[str, Any]] = field(default_factory=list)
    puts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    papers: list[bytes] = field(default_factory=list)
    made: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)


def page(items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the only page of a list."""
    return {"items": items, "next": None}


def add_parts(app: FastAPI, state: Any) -> None:
    """Answer for the parts of a referral; `state` is the stand-ins'."""
    _add_reading(app, state)
    _add_records(app, state)
    _add_entering(app, state)


def _add_reading(app: FastAPI, state: Any) -> None:
    @app.get("/v1/colleagues")
    async def colleagues(site: str) -> dict[str, Any]:
        return {**samples.COLLEAGUES, "site": site, "next": None}

    @app.get("/v1/referrals/{id}/follow-ups")
    async def follow_ups(id: str) -> dict[str, Any]:
        return {"referral": id, "version": 3, **page(state.parts.follow_ups)}

    @app.get("/v1/referrals/{id}/history")
    async def history(id: str) -> dict[str, Any]:
        del id
        return page(state.parts.history)

    @app.get("/v1/students/{id}/consents")
    async def consents(id: str) -> dict[str, Any]:
        del id
        return page(state.parts.consents)

    @app.get("/v1/students/{id}/notes")
    async def notes(id: str) -> dict[str, Any]:
        del id
        return page(state.parts.notes)

    @app.get("/v1/students/{id}/contact-attempts")
    async def attempts(id: str) -> dict[str, Any]:
        del id
        return page(state.parts.attempts)

    @app.get("/v1/families/{id}/disclosures")
    async def disclosures(id: str) -> dict[str, Any]:
        del id
        return page(state.parts.disclosures)


def _add_records(app: FastAPI, state: Any) -> None:
    @app.get("/v1/contact-attempts/{id}")
    async def attempt(id: str) -> Any:
        return next(each for each in state.parts.attempts if each["id"] == id)

    @app.get("/v1/deletion-requests")
    async def receipts() -> dict[str, Any]:
        return page([state.parts.receipt])

    @app.get("/v1/meetings/{id}")
    async def meeting(id: str) -> dict[str, Any]:
        return {**records.meeting(), "id": id}

    @app.get("/v1/break-glass")
    async def openings(*, waiting: bool | None = None) -> dict[str, Any]:
        opening = state.parts.opening
        is_waiting = opening["review"] is None
        return page([opening] if waiting in {None, is_waiting} else [])

    @app.get("/v1/break-glass/people")
    async def lookers() -> dict[str, Any]:
        return {"people": [state.parts.opening["opener"]]}

    @app.post("/v1/break-glass/{id}/let-again")
    async def let_again(id: str) -> dict[str, Any]:
        state.posted.append((f"/v1/break-glass/{id}/let-again", {}))
        state.parts.opening["opener"] = records.opener()
        return dict(state.parts.opening)

    @app.get("/v1/protection-reports")
    async def reports() -> dict[str, Any]:
        return page([state.parts.report])

    @app.get("/v1/protection-reports/{id}")
    async def report(id: str) -> dict[str, Any]:
        return {**state.parts.report, "id": id}

    @app.get("/v1/consent-scans")
    async def paper() -> Response:
        return Response(b"%PDF-1.7", media_type="application/pdf")


def _add_entering(app: FastAPI, state: Any) -> None:
    @app.put("/v1/consent-scans")
    async def keep_paper(request: Request) -> Any:
        state.parts.papers.append(await request.body())
        return refusal(state) or {}

    async def enter(request: Request) -> Any:
        state.parts.puts.append((request.url.path, await request.json()))
        return refusal(state) or {"warnings": state.warnings}

    for kind in ("contact-attempts", "notes", "consents", "protection-reports", "break-glass"):
        app.put(f"/v1/{kind}/{{id}}")(enter)
    app.put("/v1/notes/{id}/amendments/{amendment}")(enter)
    app.put("/v1/referrals/{id}/staff-replies/{reply}")(enter)


def refusal(state: Any) -> Response | None:
    """Return the refusal that the test asked for, with what others did meanwhile."""
    if state.refuse is None:
        return None
    status, slug = state.refuse
    body = {
        "type": f"https://enlace.org/problems/{slug}",
        "status": status,
        "detail": "Nothing was changed: choose another.",
        "detail_es": "No se cambió nada: elija otro.",
        **({"meanwhile": state.parts.meanwhile} if state.parts.meanwhile else {}),
    }
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


def child_of(id: str, referrals: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return a child: one of the samples, or the one of a sample referral."""
    known = next((each for each in CHILDREN if each["id"] == id), None)
    if known is None and any(each["student"] == id for each in referrals):
        return {**CHILDREN[0], "id": id}
    return known
