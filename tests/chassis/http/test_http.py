"""What every HTTP API answers, whatever it is sent."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import APIRouter, Depends, Response
from pydantic import Field
from pymongo.errors import AutoReconnect

from services.chassis.auth import Allow, Authenticator, Principal, Role, ServiceIdentity
from services.chassis.errors import EnlaceError, Kind
from services.chassis.http.app import create_app
from services.chassis.http.commands import (
    Body,
    Cursor,
    IfMatch,
    check_repeat,
    check_version,
    expected_version,
    fingerprint,
    identifier,
    read_cursor,
    set_etag,
    write_cursor,
)
from services.chassis.ids import new_id
from services.chassis.keys import make_keys
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from tests.chassis.build import store
from tests.servers import Cell

SENT = "Marisol-Testperson"


class Note(Aggregate):
    COLLECTION = "notes"

    colour: str
    fingerprint: str


class NoteBody(Body):
    colour: str = Field(max_length=12)
    n: int = 0


class Always:
    """Says that it is well."""

    async def check(self) -> tuple[bool, dict[str, Any]]:
        return True, {"database": True}

    async def stuck(self) -> list[str]:
        return []


class Hung(Always):
    """Has a consumer that only a restart mends."""

    async def stuck(self) -> list[str]:
        return ["referral"]


def notes(service: Store) -> APIRouter:
    """Return a small API of the shape that all services have."""
    router = APIRouter()

    @router.put("/notes/{note}", status_code=201)
    async def make(note: str, body: NoteBody, response: Response) -> dict[str, str]:
        ref = Ref(Note, identifier(note))
        mark = fingerprint(b"key", body)

        def create(found: Found) -> Change[Note]:
            there = found.get(ref)
            if there is not None:
                check_repeat(there.fingerprint, mark)
                return Change(there)
            fresh = Note(id=ref.id, colour=body.colour, fingerprint=mark)
            return Change(fresh.having(version=1), [fresh])

        made = await service.update([ref], create)
        set_etag(response, made.version)
        return {"colour": made.colour}

    @router.post("/notes/{note}/paint")
    async def paint(note: str, body: NoteBody, if_match: IfMatch = None) -> dict[str, str]:
        ref = Ref(Note, identifier(note))
        seen = expected_version(if_match)

        def repaint(found: Found) -> Change[Note]:
            there = found.get(ref)
            assert there is not None
            check_version(seen, there.version)
            after = there.having(colour=body.colour)
            return Change(after, [after])

        return {"colour": (await service.update([ref], repaint)).colour}

    @router.get("/notes")
    async def pages(cursor: Cursor = None) -> dict[str, str | None]:
        return {"after": read_cursor(cursor)}

    @router.get("/staff")
    async def staff(who: Annotated[Principal, Depends(Allow(Role.OPERATOR))]) -> dict[str, str]:
        return {"subject": who.subject}

    @router.get("/broken/{how}")
    async def broken(how: str) -> None:
        raise {
            "away": AutoReconnect(SENT),
            "bug": ValueError(SENT),
            "busy": EnlaceError("too-many", Kind.TOO_MANY, "Wait a minute.", es="Espere."),
        }[how]

    return router


@asynccontextmanager
async def api(cell: Cell, keys: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """Serve it."""
    make_keys(keys, ("referral", "partner"))
    async with store(cell) as service, httpx2.AsyncClient() as outside:
        door = Authenticator("http://127.0.0.1:9", ServiceIdentity("referral", keys), outside)
        app = create_app("test", "1", [notes(service)], health=Always(), authenticator=door)
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client


def is_problem(answer: httpx2.Response, status: int, slug: str) -> dict[str, Any]:
    """Check the form of RFC 9457, and that nothing that was sent comes back."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["type"] == f"https://enlace.org/problems/{slug}"
    assert found["status"] == status
    assert found["title"]
    assert found["detail"]
    assert SENT not in answer.text
    return found


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (b'{"colour": ["' + SENT.encode() + b'"]}', "body.colour"),
        (b'{"colour": "' + SENT.encode() + b'"}', "body.colour"),
        (b'{"colour": "red", "n": "' + SENT.encode() + b'"}', "body.n"),
        (b'{"colour": "red", "extra": "' + SENT.encode() + b'"}', "body.extra"),
        (b'{"n": 1}', "body.colour"),
        (b'{"colour": "' + SENT.encode(), "body."),
        (b'"' + SENT.encode() + b'"', "body"),
        (b"", "body"),
    ],
    ids=[
        "a list",
        "too long",
        "no number",
        "an unknown field",
        "a missing field",
        "half of JSON",
        "no object",
        "nothing",
    ],
)
async def test_a_malformed_body_is_told_by_field_without_what_was_sent(
    cell: Cell, tmp_path: Path, sent: bytes, field: str
) -> None:
    async with api(cell, tmp_path) as client:
        answer = await client.put(
            f"/notes/{new_id()}", content=sent, headers={"content-type": "application/json"}
        )
        problem = is_problem(answer, 422, "malformed")
        assert problem["fields"][0]["field"].startswith(field)


async def test_a_body_that_is_too_large_is_refused_unread(cell: Cell, tmp_path: Path) -> None:
    async with api(cell, tmp_path) as client:
        path = f"/notes/{new_id()}"
        large = await client.put(path, json={"colour": "x" * 300_000})
        is_problem(large, 413, "too-large")

        async def unknown_length() -> AsyncIterator[bytes]:
            yield b'{"colour": "red"}'

        headers = {"transfer-encoding": "chunked"}
        is_problem(
            await client.put(path, content=unknown_length(), headers=headers), 413, "too-large"
        )
        # Digits to Python, but no length: a server that passes headers on as they come may show it.
        odd = {b"content-length": "²".encode("latin-1")}
        is_problem(await client.put(path, content=b"{}", headers=odd), 413, "too-large")


async def test_a_create_that_is_repeated_gets_the_same_answer(cell: Cell, tmp_path: Path) -> None:
    async with api(cell, tmp_path) as client:
        path = f"/notes/{new_id()}"
        answers = [await client.put(path, json={"colour": "red"}) for _ in range(2)]
        assert [answer.json() for answer in answers] == 2 * [{"colour": "red"}]
        assert [answer.headers["etag"] for answer in answers] == 2 * ['"1"']


async def test_a_create_with_another_body_is_a_conflict(cell: Cell, tmp_path: Path) -> None:
    async with api(cell, tmp_path) as client:
        path = f"/notes/{new_id()}"
        await client.put(path, json={"colour": "red"})
        is_problem(await client.put(path, json={"colour": "blue"}), 409, "id-taken")


@pytest.mark.parametrize(
    ("if_match", "status", "slug"),
    [
        (None, 422, "if-match-missing"),
        ("*", 422, "if-match-missing"),
        ('"one"', 422, "if-match-missing"),
        ('"²"', 422, "if-match-missing"),
        ('"0"', 412, "stale-version"),
        ('"7"', 412, "stale-version"),
    ],
)
async def test_a_change_needs_the_version_that_was_seen(
    cell: Cell, tmp_path: Path, if_match: str | None, status: int, slug: str
) -> None:
    async with api(cell, tmp_path) as client:
        path = f"/notes/{new_id()}"
        await client.put(path, json={"colour": "red"})
        headers = [] if if_match is None else [(b"If-Match", if_match.encode("latin-1"))]
        answer = await client.post(f"{path}/paint", json={"colour": "blue"}, headers=headers)
        is_problem(answer, status, slug)

        good = await client.post(
            f"{path}/paint", json={"colour": "blue"}, headers={"If-Match": '"1"'}
        )
        assert good.json() == {"colour": "blue"}


@pytest.mark.parametrize("cursor", ["!!!", "%", "YWJj$", "Pz8_P", "ÿ", "_w=="])
async def test_a_cursor_that_is_none_of_ours_is_refused(
    cell: Cell, tmp_path: Path, cursor: str
) -> None:
    async with api(cell, tmp_path) as client:
        answer = await client.get("/notes", params={"cursor": cursor})
        is_problem(answer, 422, "cursor-malformed")


def test_a_cursor_comes_back_as_it_was_written() -> None:
    for position in ("", "a", "2026-09-01|ñ?>", "x" * 100):
        assert read_cursor(write_cursor(position)) == position
    assert read_cursor(None) is None


async def test_an_id_that_is_no_uuid_is_refused(cell: Cell, tmp_path: Path) -> None:
    async with api(cell, tmp_path) as client:
        is_problem(await client.put("/notes/7", json={"colour": "red"}), 422, "malformed-id")


async def test_nobody_known_is_401_and_another_role_403(cell: Cell, tmp_path: Path) -> None:
    async with api(cell, tmp_path) as client:
        anonymous = await client.get("/staff")
        is_problem(anonymous, 401, "not-signed-in")
        assert anonymous.headers["www-authenticate"] == "Bearer"

        token = ServiceIdentity("partner", tmp_path).token("referral")
        headers = {"Authorization": f"Bearer {token}"}
        is_problem(await client.get("/staff", headers=headers), 403, "forbidden")


async def test_trouble_of_ours_says_what_to_do_and_tells_nothing(
    cell: Cell, tmp_path: Path
) -> None:
    async with api(cell, tmp_path) as client:
        away = await client.get("/broken/away")
        is_problem(away, 503, "unavailable")
        assert away.headers["retry-after"] == "2"
        is_problem(await client.get("/broken/bug"), 500, "internal-error")
        is_problem(await client.get("/broken/busy"), 429, "too-many")
        is_problem(await client.get("/nowhere"), 404, "not-found")
        is_problem(await client.delete("/notes"), 405, "method-not-allowed")


async def test_health_is_told_to_anybody(cell: Cell, tmp_path: Path) -> None:
    async with api(cell, tmp_path) as client:
        assert (await client.get("/health")).json() == {"status": "alive"}
        assert (await client.get("/ready")).json() == {"ready": True, "database": True}


async def test_what_only_a_restart_mends_is_told_as_no_life() -> None:
    app = create_app("test", "0", [], health=Hung(), authenticator=None)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/health")
    assert answer.status_code == 503
    assert answer.json() == {"status": "stuck", "groups": ["referral"]}


async def test_the_api_page_loads_nothing_from_outside(cell: Cell, tmp_path: Path) -> None:
    async with api(cell, tmp_path) as http:
        page = await http.get("/docs")
        named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        scripts = [each for each in named if each.startswith("/")]

        assert page.status_code == 200
        assert len(scripts) == 2
        assert set(named) == {*scripts, "data:,"}
        assert {(await http.get(each)).status_code for each in scripts} == {200}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("GET", "/v1/nowhere", b"", 404, "/openapi.json"),
        ("PATCH", "/notes/1", b"", 405, "/openapi.json"),
        ("PUT", "/notes/1", b"{" + b"\xff" * 9 + b"}", 400, "JSON in UTF-8"),
    ],
)
async def test_what_the_framework_refuses_by_itself_says_what_to_do(
    method: str, path: str, body: bytes, status: int, says: str, cell: Cell, tmp_path: Path
) -> None:
    async with api(cell, tmp_path) as http:
        headers = {"Content-Type": "application/json"}
        answer = await http.request(method, path, content=body, headers=headers)

        assert answer.status_code == status, answer.text
        assert says in answer.json()["detail"]
