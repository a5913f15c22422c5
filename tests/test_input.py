"""Every field of every body and query that any service takes, with what nobody should send.

The fields are found in the services' own OpenAPI documents, so that a new one is tried the day it
is written.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.chassis.ids import new_id
from tests.bodies import Document, Leaf, Operation
from tests.running import Running
from tests.servers import Cell
from tests.test_access import SERVICES
from tests.test_matrix import EVERYBODY, PORTAL, UPSTREAM_AWAY, Child, entered, started

ENDS = {
    "date": ("0001-01-01", "9999-12-31", "1900-01-01", "2199-12-31"),
    "date-time": (
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59.999999Z",
        "1900-01-01T00:00:00+14:00",
        "2199-12-31T23:59:59-14:00",
        -62_135_596_800,
    ),
    "time": ("00:00", "23:59:59.999999"),
}
"""Of the calendar as a computer has it, and of the one that is allowed."""
HALF_A_LETTER = "\ud800"
NO_TEXTS = (7, "~x", "", "\0", HALF_A_LETTER, "x" * 70, "$where", "../x")
"""A number, a sealed id, nothing, the end of a string, too long, an operator, a way up."""
NO_CODE = "no-such-code"
BY_HAND = ("/v1/imports/", "/v1/operations/")
FOUND_FIRST = "/v1/offers/{id}/"
"""An account's offer is looked for before what is said of it; by link the same bodies are tried."""
"""Archives cannot be made up from a schema, and Kafka's topics are not here to be filled again."""
NOBODY = Child("", "", "")


async def begun(name: str, service: Running) -> Child:
    if name == "referral":
        return await entered(service)
    return Child(new_id(), new_id(), new_id())


async def document_of(service: Running, child: Child) -> Document:
    theirs = await service.http.get(f"/v1/families/{child.family}", headers=service.as_(EVERYBODY))
    known = {
        "student": child.student,
        "family": child.family,
        "referral": child.referral,
        "given_by": theirs.json()["contacts"][0]["id"] if theirs.is_success else child.student,
        "coordinator": "coordinator-site-01",
        "owner": "coordinator-site-01",
    }
    return Document((await service.http.get("/openapi.json")).json(), known)


async def call(
    service: Running, operation: Operation, child: Child, body: object, query: dict[str, Any]
) -> httpx2.Response:
    headers = service.as_(PORTAL if operation.roles == ["service"] else EVERYBODY)
    path = child.path(operation.path)
    if operation.method == "GET":
        return await service.http.get(path, params={**child.query, **query}, headers=headers)
    version = "1"
    for seen in (path, path.rsplit("/", 1)[0]):
        shown = await service.http.get(seen, headers=headers)
        version = shown.headers.get("ETag", "").strip('W/"') or version
    headers |= {"If-Match": f'"{version}"', "Content-Type": "application/json"}
    content = json.dumps(body).encode("ascii")
    return await service.http.request(
        operation.method, path, params=query, content=content, headers=headers
    )


def nasty(leaf: Leaf) -> Iterator[Any]:
    if leaf.schema.get("type") == "string" and "enum" not in leaf.schema:
        yield from ENDS.get(leaf.schema.get("format", ""), NO_TEXTS)


FHIR = "application/fhir+json"
"""Its refusals have a form of their own, which its own tests look at."""


def fault(answer: httpx2.Response) -> bool:
    if answer.is_success:
        return False
    form = answer.headers["content-type"]
    refused = form in {"application/problem+json", FHIR}
    whole = refused and (form == FHIR or {"detail", "detail_es"} <= answer.json().keys())
    for each in answer.json().get("fields", ()) if whole else ():
        dull = each["what"].startswith(("Value error", "Input should", "String should"))
        whole = whole and not (dull or "cannot be used" in each["what"])
    return not whole or (answer.is_server_error and answer.status_code != UPSTREAM_AWAY)


@pytest.mark.parametrize("name", sorted(SERVICES))
async def test_no_date_time_or_text_that_anybody_sends_is_a_fault_of_ours(
    name: str, cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong: list[str] = []
    async with started(name, cell, tmp_path, monkeypatch) as service:
        for operation in (await document_of(service, NOBODY)).operations():
            if operation.path.startswith(BY_HAND):
                continue
            child = await begun(name, service)
            document = await document_of(service, child)
            for leaf in document.leaves(operation.json or {}):
                for value in nasty(leaf):
                    body = document.body(operation.json or {}, leaf, value)
                    answer = await call(service, operation, child, body, {})
                    if fault(answer):
                        wrong.append(f"{operation} {leaf.path} {value!r}: {answer.text}")
            for query, schema in operation.queries:
                for value in nasty(Leaf((query,), document.resolved(schema))):
                    if value != HALF_A_LETTER:  # which no address can hold
                        answer = await call(service, operation, child, {}, {query: value})
                        if fault(answer):
                            wrong.append(f"{operation} ?{query} {value!r}: {answer.text}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", sorted(SERVICES))
async def test_a_code_that_nobody_knows_is_refused_in_two_languages_with_what_may_be_sent(
    name: str, cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong: list[str] = []
    async with started(name, cell, tmp_path, monkeypatch) as service:
        child = await begun(name, service)
        document = await document_of(service, child)
        for operation in document.operations():
            if operation.path.startswith((*BY_HAND, FOUND_FIRST)):
                continue
            for leaf in document.leaves(operation.json or {}):
                if "enum" in leaf.schema:
                    body = document.body(operation.json or {}, leaf, NO_CODE)
                    answer = await call(service, operation, child, body, {})
                    if not told_of(answer, leaf):
                        wrong.append(f"{operation} {leaf.path}: {answer.text}")
            for query, schema in operation.queries:
                form = document.resolved(schema)
                leaf = Leaf((query,), document.resolved(form.get("items", form)))
                if "enum" in leaf.schema:
                    answer = await call(service, operation, child, {}, {query: NO_CODE})
                    if not told_of(answer, leaf):
                        wrong.append(f"{operation} ?{query}: {answer.text}")
    assert not wrong, "\n".join(wrong)


def told_of(answer: httpx2.Response, leaf: Leaf) -> bool:
    if answer.status_code != 422:
        return False
    may = [str(value) for value in leaf.schema["enum"]]
    return any(
        leaf.name in fault["field"].split(".")
        and all(value in fault["what"] and value in fault["what_es"] for value in may)
        for fault in answer.json().get("fields", ())
    )
