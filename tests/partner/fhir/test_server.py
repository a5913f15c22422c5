"""What the FHIR server says of itself, and how it refuses."""

import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement

from services.partner.fhir.api import BASE
from services.partner.fhir.capability import capability_statement
from tests.partner.fhir.client import FhirClient, checked, issue
from tests.partner.subscriptions.subscribed import Subscribed


async def test_whoever_asks_is_told_what_it_does(district: Subscribed) -> None:
    answer = checked(await district.http.get(f"{BASE}/metadata"))
    assert answer.json() == capability_statement()
    CapabilityStatement.model_validate(answer.json())


async def test_what_it_says_it_does_is_what_its_addresses_do(district: Subscribed) -> None:
    document = (await district.http.get("/openapi.json")).json()
    paths = {
        (path.removeprefix(BASE), method)
        for path, methods in document["paths"].items()
        for method in methods
        if path.startswith(BASE)
    }
    verbs = {"read": ("/{type}/{{id}}", "get"), "update": ("/{type}/{{id}}", "put")}
    verbs["search-type"] = ("/{type}", "get")
    said = {("/metadata", "get")}
    for each in capability_statement()["rest"][0]["resource"]:
        for interaction in each["interaction"]:
            path, method = verbs[interaction["code"]]
            said.add((path.format(type=each["type"]), method))
    assert paths == said


async def test_a_key_without_the_scope_opens_nothing(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    client = FhirClient(district.http, await district.key(smiles, "feed"))
    assert issue(await client.get("Task")) == (403, "forbidden")
    nobody = FhirClient(district.http, {})
    assert (await nobody.get("Task")).status_code == 401


async def test_a_body_that_is_no_text_is_refused_as_fhir_refuses(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    headers = {**(await district.key(smiles, "fhir")), "Content-Type": "application/fhir+json"}
    refused = await district.http.put(f"{BASE}/Task/x", content=b"\xff{", headers=headers)
    assert issue(checked(refused)) == (400, "bad-request")


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("?status=done", "status-unknown"),
        ("?_cursor=zzz", "cursor-malformed"),
        ("?_count=0", "malformed"),
        ("?_include=Task:owner", "include-unknown"),
    ],
)
async def test_a_search_that_cannot_be_is_refused_with_what_may_be(
    district: Subscribed, query: str, slug: str
) -> None:
    smiles = await district.provider("Smiles")
    client = await FhirClient.of(district, smiles)
    assert issue(await client.get(f"Task{query}")) == (422, slug)


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        ({"status": "cancelled"}, "task-not-usable"),
        ({"status": "entered-in-error"}, "task-not-usable"),
        ({"status": "accepted", "id": "another"}, "task-not-usable"),
        ({"resourceType": "Patient"}, "malformed"),
        ({"status": 7}, "malformed"),
        ({"executionPeriod": {"start": "tomorrow"}}, "malformed"),
        ({"status": "completed", "output": "all"}, "malformed"),
    ],
)
async def test_a_task_that_cannot_be_is_refused_and_nothing_is_changed(
    district: Subscribed, changes: dict[str, object], slug: str
) -> None:
    smiles = await district.provider("Smiles")
    client = await FhirClient.of(district, smiles)
    await district.offer(smiles)
    (task,) = await client.tasks()
    address = task["id"]
    headers = {**(await district.key(smiles, "fhir")), "Content-Type": "application/fhir+json"}
    refused = await district.http.put(
        f"{BASE}/Task/{address}", json={**task, **changes}, headers=headers
    )
    assert issue(checked(refused)) == (422, slug)
    assert (await client.read(f"Task/{address}")) == task
