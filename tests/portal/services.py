"""The other services' answers, served over real HTTP, so that pages are tested by themselves."""

from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from tests.portal.samples import (
    CHILDREN,
    EMERGENCY,
    FUNNEL,
    HANDED,
    IDENTITY,
    PARENTS,
    REQUEST,
    TOKEN,
    ago,
    referral,
    referral_id,
    sample_card,
    sample_conversation,
    sample_deletion,
    sample_receipts,
    sample_referrals,
    sample_request,
    sample_status,
    sample_timeline,
    sample_today,
)
from tests.portal.samples_links import sample_batch, sample_entries
from tests.portal.samples_parts import offers, planned
from tests.portal.services_messages import add_messages
from tests.portal.services_own import Own, add_own
from tests.portal.services_partners import Partners, add_partners
from tests.portal.services_parts import Parts, add_parts, child_of, page, refusal
from tests.portal.services_rights import add_rights


@dataclass
class Services:
    """What the services answer now, and what they were asked.

    Attributes:
        posted: path and body of every command.
        tokens: whose leave each request for help was entered with.
        refuse: what to refuse commands with: status and slug.
        left_on: since when the children attend no more.
        away: services that do not answer, by the first part of their path.
    """

    referrals: list[dict[str, Any]] = field(default_factory=sample_referrals)
    today: list[dict[str, Any]] = field(default_factory=sample_today)
    timeline: list[dict[str, Any]] = field(default_factory=sample_timeline)
    conversation: list[dict[str, Any]] = field(default_factory=sample_conversation)
    sought: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    card: dict[str, Any] = field(default_factory=sample_card)
    status: dict[str, Any] = field(default_factory=sample_status)
    asked_deletion: dict[str, Any] = field(default_factory=sample_deletion)
    batch: dict[str, Any] = field(default_factory=sample_batch)
    asked_entries: dict[str, Any] = field(default_factory=sample_entries)
    asked_for: dict[str, Any] = field(default_factory=sample_request)
    receipts: list[dict[str, Any]] = field(default_factory=sample_receipts)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    posted: list[tuple[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    left_on: str | None = None
    handed: dict[str, Any] = field(default_factory=lambda: dict(HANDED))
    refuse: tuple[int, str] | None = None
    parts: Parts = field(default_factory=Parts)
    partners: Partners = field(default_factory=Partners)
    own: Own = field(default_factory=Own)
    away: set[str] = field(default_factory=set)

    def find(self, id: str) -> dict[str, Any] | None:
        """Return one referral."""
        return next((each for each in self.referrals if each["id"] == id), None)


def problem(status: int, slug: str) -> Response:
    """Return a refusal as the services word it."""
    body = {"type": f"https://enlace.org/problems/{slug}", "status": status, "detail": "No."}
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


def create_services(state: Services) -> FastAPI:
    """Return one app that answers for referral, partner, notify and reporting."""
    app = FastAPI()

    @app.middleware("http")
    async def remember(request: Request, call_next: Any) -> Response:
        state.asked.append((request.url.path, dict(request.headers)))
        if any(request.url.path.startswith(f"/v1/{each}") for each in state.away):
            return problem(503, "unavailable")
        answer: Response = await call_next(request)
        return answer

    add_parts(app, state)
    add_partners(app, state)
    add_rights(app, state)
    add_own(app, state)
    add_messages(app)
    _add_referrals(app, state)
    _add_people(app, state)
    _add_links(app, state)
    _add_deletions(app, state)
    _add_asking(app, state)
    _add_others(app)

    @app.post("/{path:path}")
    async def command(path: str, request: Request) -> Any:
        state.posted.append((f"/{path}", await request.json()))
        state.parts.seen.append((f"/{path}", request.headers.get("if-match", "")))
        if state.refuse is not None:
            return refusal(state)
        if path == "v1/answers/identity-token":
            return {"token": "a.b.c", "referral": referral_id(9), "expires_in": 300}
        return {"warnings": state.warnings}

    return app


def _add_referrals(app: FastAPI, state: Services) -> None:
    @app.get("/v1/referrals")
    async def referrals(request: Request) -> dict[str, Any]:
        if child := request.query_params.get("student"):
            return page([each for each in state.referrals if each["student"] == child])
        wanted = request.query_params.getlist("state")
        return {"items": [r for r in state.referrals if r["state"] in wanted], "next": None}

    @app.get("/v1/emergency")
    async def emergency() -> dict[str, Any]:
        return EMERGENCY

    @app.get("/v1/today")
    async def today(limit: int, cursor: int = 0) -> dict[str, Any]:
        """Return the queue a page at a time; the cursor here is a number of rows."""
        end = cursor + limit
        return {
            "items": state.today[cursor:end],
            "total": len(state.today),
            "counts": {},
            "open": len(state.today) + 3,
            "next": str(end) if end < len(state.today) else None,
        }

    @app.get("/v1/referrals/{id}")
    async def one(id: str) -> Any:
        return state.find(id) or problem(404, "not-found")

    @app.get("/v1/referrals/{id}/timeline")
    async def timeline(id: str) -> Any:
        return page(state.timeline) if state.find(id) else problem(404, "not-found")

    @app.get("/v1/referrals/{id}/conversation")
    async def conversation(id: str) -> dict[str, Any]:
        return {"referral": id, "lines": state.conversation}

    @app.get("/v1/referrals/{id}/hand-off")
    async def hand_off(id: str) -> Any:
        return {**state.handed, "referral": id}

    @app.get("/v1/referrals/{id}/identity")
    async def identity(id: str) -> dict[str, Any]:
        return {**IDENTITY, "referral": id}


def _add_people(app: FastAPI, state: Services) -> None:
    @app.get("/v1/students/search")
    async def students(request: Request) -> dict[str, Any]:
        wanted = request.query_params["q"].casefold().split()
        names = {each["id"]: f"{each['given_name']} {each['family_name']}" for each in CHILDREN}
        found = [
            {
                "id": each["id"],
                "site": "site-01",
                "family": each["family"],
                "name": names[each["id"]],
                "grade": each["grade"],
                "rostered": True,
                "attends": state.left_on is None,
                "left_on": state.left_on,
            }
            for each in CHILDREN
            if all(word in names[each["id"]].casefold() for word in wanted)
        ]
        return {"items": found, "indexed": True}

    @app.get("/v1/students/{id}")
    async def student(id: str) -> Any:
        return child_of(id, state.referrals) or problem(404, "not-found")

    @app.get("/v1/families/{id}/conversation")
    async def messages(request: Request, id: str) -> dict[str, Any]:
        state.sought.append((id, dict(request.query_params)))
        words = request.query_params.get("q", "")
        lines = [each for each in reversed(state.conversation) if words in each["text"]]
        return {"items": lines, "next": None if words else "older"}

    @app.get("/v1/families/{id}")
    async def family(id: str) -> dict[str, Any]:
        children = [{"id": each["id"], "site": each["site"], "attends": True} for each in CHILDREN]
        known = {"id": id, "version": 1, "site": "site-01", "contacts": PARENTS}
        return {**known, "students": children}

    @app.put("/v1/referrals/{id}")
    async def put(id: str, request: Request) -> Any:
        body = await request.json()
        state.posted.append((f"/v1/referrals/{id}", body))
        if state.refuse is not None and "despite_duplicate" not in body:
            return problem(*state.refuse)
        fresh = referral(90, "Ana R.", state="draft", round=0, candidates=[], version=1)
        state.referrals.append({**fresh, "id": id, "category": body["category"]})
        return {**state.referrals[-1], "warnings": state.warnings}


def _add_links(app: FastAPI, state: Services) -> None:
    @app.get("/v1/family-status")
    async def family(request: Request) -> Any:
        known = request.headers.get("x-enlace-link") == TOKEN
        return state.status if known else problem(404, "not-found")

    @app.get("/v1/answers")
    async def card(request: Request) -> Any:
        known = request.headers.get("x-enlace-link") == TOKEN
        over = request.headers.get("x-enlace-link") == "over"
        return state.card if known else problem(404, "link-over" if over else "not-found")


def _add_deletions(app: FastAPI, state: Services) -> None:
    @app.get("/v1/deletion-answers")
    async def asked(request: Request) -> Any:
        known = request.headers.get("x-enlace-link") == TOKEN
        return state.asked_deletion if known else problem(404, "not-found")

    @app.get("/v1/batch-answers")
    async def batch(request: Request) -> Any:
        known = request.headers.get("x-enlace-link") == TOKEN
        return state.batch if known else problem(404, "not-found")

    @app.get("/v1/entries-answers")
    async def entries(request: Request) -> Any:
        known = request.headers.get("x-enlace-link") == TOKEN
        return state.asked_entries if known else problem(404, "not-found")


def _add_asking(app: FastAPI, state: Services) -> None:
    @app.get("/v1/help-receipts")
    async def receipt(request: Request) -> Any:
        known = request.headers.get("x-enlace-link") == TOKEN
        return state.receipts[0] if known else problem(404, "not-found")

    @app.get("/v1/my-help-requests")
    async def mine() -> dict[str, Any]:
        return {"items": state.receipts, "next": None}

    @app.get("/v1/help-requests/{id}")
    async def asked(id: str) -> Any:
        return state.asked_for if id == REQUEST else problem(404, "not-found")

    async def enter(path: str, request: Request) -> Any:
        state.posted.append((path, await request.json()))
        state.tokens.append(request.headers.get("authorization", ""))
        if state.refuse is not None:
            return problem(*state.refuse)
        return {**state.receipts[0], "token": TOKEN, "warnings": state.warnings}

    @app.put("/v1/help-requests/{id}")
    async def ask(id: str, request: Request) -> Any:
        return await enter(f"/v1/help-requests/{id}", request)

    @app.put("/v1/page-help-requests/{id}")
    async def ask_by_page(id: str, request: Request) -> Any:
        return await enter(f"/v1/page-help-requests/{id}", request)


def _add_others(app: FastAPI) -> None:
    @app.get("/v1/offerings/{referral}")
    async def offering(referral: str) -> dict[str, Any]:
        ends = ago(hours=-30)
        return {
            "referral": referral,
            "version": 4,
            "answer_by": ends,
            "offers": offers(),
            "planned": [planned()],
        }

    @app.get("/v1/funnel")
    async def report() -> dict[str, Any]:
        return FUNNEL
