"""The examples of the API's document fit what the document says."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.referral.api import examples
from tests.bodies import Document
from tests.test_access import app_of


async def document(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Document:
    return Document((await app_of("referral", folder, monkeypatch)).openapi(), {})


def wrong(whole: Document, what: str, told: dict[str, Any]) -> list[str]:
    schema = {**told["schema"], "components": whole.document["components"]}
    faults = Draft202012Validator(schema).iter_errors(told["example"])
    return [f"{what}: {fault.json_path}: {fault.message}" for fault in faults]


async def test_each_body_has_an_example_and_each_example_fits_its_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await document(tmp_path, monkeypatch)
    without: list[str] = []
    faults: list[str] = []
    for operation in whole.operations():
        if operation.json is None or operation.path.startswith("/v1/operations/"):
            continue
        told = operation.told["requestBody"]["content"]["application/json"]
        if "example" not in told:
            without.append(str(operation))
        else:
            faults += wrong(whole, str(operation), told)
    assert not without, "\n".join(without)
    assert not faults, "\n".join(faults)


async def test_each_answer_has_an_example_that_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await document(tmp_path, monkeypatch)
    without: list[str] = []
    faults: list[str] = []
    for operation in whole.operations():
        if operation.path.startswith("/v1/operations/"):
            continue
        for status, answer in operation.told["responses"].items():
            told = answer.get("content", {}).get("application/json")
            if not status.startswith("2") or told is None:
                continue
            if "example" not in told:
                without.append(f"{operation} {status}")
            else:
                faults += wrong(whole, f"{operation} {status}", told)
    assert not without, "\n".join(without)
    assert not faults, "\n".join(faults)


async def test_each_refusal_has_an_example_that_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await document(tmp_path, monkeypatch)
    without: set[str] = set()
    faults: list[str] = []
    for operation in whole.operations():
        if operation.path.startswith("/v1/operations/"):
            continue
        for status, answer in operation.told["responses"].items():
            told = answer.get("content", {}).get("application/problem+json")
            if told is None or status == "default":
                continue
            if "example" not in told:
                without.add(f"{operation} {status}")
                continue
            faults += wrong(whole, f"{operation} {status}", told)
            assert str(told["example"]["status"]) == status, str(operation)
    assert without == {f"{each} 409" for each in BY_NO_RULE}
    assert not faults, "\n".join(faults)


BY_NO_RULE = {
    "DELETE /v1/imports/roster/{id}/bad-rows",
    "POST /v1/break-glass/search",
    "POST /v1/contact-attempts/batch",
    "POST /v1/covers/{id}/end",
    "POST /v1/deletion-requests/{id}/confirm",
    "POST /v1/holds/{id}/lift",
    "POST /v1/imports/roster",
    "POST /v1/meetings/{id}/tasks/{task}/done",
    "POST /v1/message-checks",
    "POST /v1/people/names",
    "POST /v1/referrals/{id}/enter-in-error",
    "PUT /v1/staff-register",
}
"""Commands that no rule of the domain refuses, or each row for itself."""

Words = tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]

RULES = Path(examples.__file__).parents[1]


def said() -> Iterator[Words]:
    """Yield each rule that the service refuses by: its slug, and its words in both languages."""
    for file in RULES.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name("rule"), args=[slug, detail, *_]):
                    spanish = {each.arg: each.value for each in node.keywords}["es"]
                    slugs, en, es = map(pattern, (slug, detail, spanish))
                    yield re.compile(slugs), re.compile(en), re.compile(es)
                case _:
                    pass


def pattern(words: ast.expr) -> str:
    """Return what fits words in which values are put."""
    match words:
        case ast.Constant(value):
            return re.escape(str(value))
        case ast.JoinedStr(parts):
            return "".join(pattern(each) for each in parts)
        case _:
            return ".+"


def test_a_refusal_is_shown_in_the_words_in_which_the_code_says_it() -> None:
    known = list(said())
    other = [
        what
        for what, told in examples.refusals().items()
        if not any(
            slug.fullmatch(told["slug"]) and en.fullmatch(told["en"]) and es.fullmatch(told["es"])
            for slug, en, es in known
        )
    ]
    assert other == []


async def test_each_address_tells_who_may_call_it_and_how_it_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for operation in (await document(tmp_path, monkeypatch)).operations():
        assert "Who may call it: " in operation.told["description"], str(operation)
        assert {"422", "503"} <= operation.told["responses"].keys(), str(operation)
