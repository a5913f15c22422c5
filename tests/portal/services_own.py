"""The stand-in for partner, as far as an agency's own staff ask it."""

from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from tests.portal import samples_own as samples
from tests.portal.samples import referral_id
from tests.portal.services_parts import refusal


@dataclass
class Own:
    """What partner answers, and what it was asked.

    Attributes:
        queued: how many events each replay queues, one after the other; none where it is done.
        queries: what lists were asked by.
    """

    shelves: dict[str, list[dict[str, Any]]] = field(default_factory=samples.sample_shelves)
    batches: list[dict[str, Any]] = field(default_factory=samples.sample_batches)
    hooks: list[dict[str, Any]] = field(default_factory=samples.sample_hooks)
    lines: list[dict[str, Any]] = field(default_factory=samples.sample_lines)
    keys: list[dict[str, Any]] = field(default_factory=samples.sample_keys)
    queued: list[int] = field(default_factory=lambda: [2])
    deleted: list[str] = field(default_factory=list)
    queries: list[tuple[str, dict[str, str]]] = field(default_factory=list)


def missing() -> Response:
    """Return that there is no such thing."""
    body = {"type": "https://enlace.org/problems/not-found", "status": 404, "detail": "None."}
    return JSONResponse(body, status_code=404, media_type="application/problem+json")


def add_own(app: FastAPI, state: Any) -> None:
    """Answer an agency's staff; `state` is the stand-ins'."""
    _add_offers(app, state)
    _add_hooks(app, state)
    _add_commands(app, state)


def _add_offers(app: FastAPI, state: Any) -> None:
    @app.get("/v1/offers")
    async def offers(request: Request, shelf: str = "open") -> Any:
        state.own.queries.append(("offers", dict(request.query_params)))
        more = "next" if shelf == "over" and "cursor" not in request.query_params else None
        return {"items": state.own.shelves[shelf], "next": more}

    @app.get("/v1/offers/{id}")
    async def offer(id: str) -> Any:
        return {**state.card, "offer": id}

    @app.get("/v1/batches")
    async def batches() -> Any:
        return {"items": state.own.batches}

    @app.get("/v1/batches/{id}")
    async def batch(id: str) -> Any:
        if id != samples.BATCH:
            return missing()
        rows = [{**each, "token": None} for each in state.batch["rows"]]
        rows[-1]["offer"] = samples.TAKEN
        return {**state.batch, "rows": rows}


def _add_hooks(app: FastAPI, state: Any) -> None:
    @app.get("/v1/webhooks")
    async def hooks() -> Any:
        return {"items": state.own.hooks}

    @app.get("/v1/webhooks/{id}")
    async def hook(id: str) -> Any:
        return next((each for each in state.own.hooks if each["id"] == id), None) or missing()

    @app.get("/v1/webhooks/{id}/deliveries")
    async def deliveries(id: str, request: Request) -> Any:
        del id
        asked = dict(request.query_params)
        state.own.queries.append(("deliveries", asked))
        wanted = asked.get("outcome")
        found = [each for each in state.own.lines if wanted in {None, each["outcome"]}]
        return {"items": found, "next": None if "cursor" in asked else "next"}

    @app.get("/v1/webhooks/{id}/deliveries/{delivery}")
    async def delivery(id: str, delivery: str) -> Any:
        del id
        return next((x for x in state.own.lines if x["id"] == delivery), None) or missing()

    @app.delete("/v1/webhooks/{id}")
    async def delete(id: str) -> Response:
        state.own.deleted.append(id)
        return Response(status_code=204)

    @app.get("/v1/api-keys")
    async def keys() -> Any:
        return {"items": state.own.keys}


def _add_commands(app: FastAPI, state: Any) -> None:
    async def said(request: Request) -> Response | None:
        body = await request.json()
        state.posted.append((request.url.path, body))
        state.parts.seen.append((request.url.path, request.headers.get("if-match", "")))
        return refusal(state)

    @app.put("/v1/webhooks/{id}")
    async def put_hook(id: str, request: Request) -> Any:
        secret = None if request.headers.get("if-match") else samples.SECRET
        known = samples.sample_hooks()[0]
        return await said(request) or {**known, "id": id, "secret": secret}

    @app.post("/v1/webhooks/{id}/rotate-secret")
    async def rotate(id: str, request: Request) -> Any:
        fresh = {"id": id, "secret": samples.SECRET, "live_secrets": 2}
        return await said(request) or {**samples.sample_hooks()[0], **fresh}

    @app.post("/v1/webhooks/{id}/replay")
    async def replay(id: str, request: Request) -> Any:
        del id
        refused = await said(request)
        queued = state.own.queued.pop(0) if state.own.queued else 0
        following = 1_000 if state.own.queued else None
        return refused or {"queued": queued, "next": following}

    @app.post("/v1/webhooks/{id}/test")
    async def test(id: str, request: Request) -> Any:
        del id
        return await said(request) or samples.sample_lines()[2]

    @app.put("/v1/api-keys/{id}")
    async def put_key(id: str, request: Request) -> Any:
        body = await request.json()
        made = {"id": id, "key": samples.NEW_KEY, "name": body["name"], "scopes": body["scopes"]}
        return await said(request) or {**samples.sample_keys()[1], **made}

    @app.post("/v1/offers/{id}/identity-token")
    async def identity_token(id: str, request: Request) -> Any:
        del id
        token = {"token": "a.b.c", "referral": referral_id(9), "expires_in": 300}
        return await said(request) or token
