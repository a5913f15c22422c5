"""Every list of referral's API is read page by page, whatever it grows to."""

from pathlib import Path
from typing import Any

import pytest

from tests.bodies import Document
from tests.test_access import app_of

WHOLE = {
    "GET /v1/categories": "as many as the district's rules may hold; forms need them all",
    "GET /v1/languages": "as many as the district's rules may hold; forms need them all",
    "GET /v1/reasons": "as many as the district's rules may hold; forms need them all",
    "GET /v1/referrals/{id}/questions": "five an agency at the most; a form needs them all",
    "GET /v1/students/search": "the best of a search, 50 at the most; a page after them is no help",
}
"""Lists that are answered at once, and why each of them cannot grow without end."""


def read(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


async def test_no_list_is_answered_whole_that_can_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Document((await app_of("referral", tmp_path, monkeypatch)).openapi(), {})
    at_once: set[str] = set()
    not_asked_by_page: list[str] = []
    for operation in whole.operations():
        answers = operation.told["responses"].get("200", {}).get("content", {})
        schema = answers.get("application/json", {}).get("schema")
        operators = operation.path.startswith("/v1/operations/")  # the same in every service
        if operation.method.upper() != "GET" or not schema or operators:
            continue
        body = read(whole.document, schema)
        fields = body.get("properties", {})
        if body.get("type") == "array" or ("items" in fields and "next" not in fields):
            at_once.add(str(operation))
        elif "items" in fields and not {"cursor", "limit"} <= {
            name for name, _ in operation.queries
        }:
            not_asked_by_page.append(str(operation))
    assert at_once == set(WHOLE)
    assert not_asked_by_page == []
