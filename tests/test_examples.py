"""The examples of the API's document fit what the document says."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

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


async def test_the_main_answers_have_an_example_that_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await document(tmp_path, monkeypatch)
    shown = {
        str(operation): told
        for operation in whole.operations()
        for told in operation.told["responses"].get("200", {}).get("content", {}).values()
        if "example" in told
    }
    assert {"PUT /v1/referrals/{id}", "GET /v1/referrals/{id}", "GET /v1/referrals"} <= shown.keys()
    assert [fault for what, told in shown.items() for fault in wrong(whole, what, told)] == []


async def test_each_address_tells_who_may_call_it_and_how_it_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for operation in (await document(tmp_path, monkeypatch)).operations():
        assert "Who may call it: " in operation.told["description"], str(operation)
        assert {"422", "503"} <= operation.told["responses"].keys(), str(operation)
