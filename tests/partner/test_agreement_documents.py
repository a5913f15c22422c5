"""The signed documents of an agreement: what is taken, who reads it, and that nobody else can."""

import asyncio
from typing import Any

import httpx2
import pytest

from services.chassis.ids import new_id
from services.chassis.scan import ScanKind
from services.partner.model.agreement_steps import MOST_DOCUMENTS
from tests.partner.district import PEOPLE, District
from tests.partner.test_agreements_api import entered, step
from tests.running import person

PDF = b"%PDF-1.7\n" + b"Signed by Dana Invented. " * 20_000 + b"\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(500)


async def hand_in(
    district: District, id: str, content: bytes, who: str = "rosa"
) -> httpx2.Response:
    return await district.http.put(
        f"/v1/agreement-documents?agreement={id}",
        content=content,
        headers=district.service.as_(who),
    )


async def read(
    district: District, id: str, document: str | None = None, who: str = "rosa"
) -> httpx2.Response:
    which = f"&document={document}" if document else ""
    return await district.get(f"/v1/agreement-documents?agreement={id}{which}", who=who)


async def kept(district: District, id: str) -> list[dict[str, Any]]:
    return list((await district.get(f"/v1/agreements/{id}")).json()["documents"])


async def test_a_signed_document_comes_back_as_it_was_handed_in(district: District) -> None:
    id = await entered(district)
    stored = (await hand_in(district, id, PDF)).json()
    assert (stored["type"], stored["size"], stored["stored_by"]) == (
        ScanKind.PDF.value,
        len(PDF),
        "rosa",
    )
    assert await kept(district, id) == [stored]
    back = await read(district, id)
    assert back.content == PDF
    assert back.headers["content-type"] == "application/pdf"
    assert back.headers["content-disposition"] == f'attachment; filename="{stored["id"]}.pdf"'
    assert back.headers["cache-control"] == "no-store"


async def test_what_was_signed_is_never_replaced_a_later_one_stands_beside_it(
    district: District,
) -> None:
    id = await entered(district)
    answers = await asyncio.gather(*(hand_in(district, id, PDF) for _ in range(4)))
    assert len({answer.text for answer in answers}) == 1, "the same file is one"
    first, second = answers[0].json(), (await hand_in(district, id, JPEG)).json()
    assert [each["id"] for each in await kept(district, id)] == [first["id"], second["id"]]
    assert (await read(district, id)).content == JPEG
    assert (await read(district, id, first["id"])).content == PDF
    assert len(await district.rows("scans.files")) == 2, "what no agreement names is removed"


async def test_terms_that_change_keep_the_documents_and_a_renewal_begins_without(
    district: District,
) -> None:
    id = await entered(district)
    await hand_in(district, id, PDF)
    known = await district.get(f"/v1/agreements/{id}")
    body = {
        "agency": known.json()["agency"],
        "status": "draft",
        "sites": known.json()["sites"],
        "from": "2026-08-01",
        "until": "2027-05-31",
    }
    put = await district.put(f"/v1/agreements/{id}", body, if_match=known.headers["ETag"])
    assert len(put.json()["documents"]) == 1
    fresh = new_id()
    made = await step(district, id, "renew", {"id": fresh, "from": "2027-07-01"})
    assert made.json()["documents"] == []


async def test_as_many_are_kept_as_belong_to_an_agreement(district: District) -> None:
    id = await entered(district)
    for number in range(MOST_DOCUMENTS):
        assert (await hand_in(district, id, JPEG + bytes([number]))).status_code == 200
    refused = await hand_in(district, id, PDF)
    assert refused.status_code == 409
    assert "into one PDF" in refused.json()["detail"]
    assert len(await district.rows("scans.files")) == MOST_DOCUMENTS


@pytest.mark.parametrize(
    ("content", "status", "why"),
    [
        (b"", 422, "scan-empty"),
        (b"PK\x03\x04 a word processor's file", 422, "scan-type"),
        (PDF[:10] + bytes(10 * 1024 * 1024), 413, "too-large"),
    ],
)
async def test_another_kind_of_file_is_refused_and_nothing_stored(
    district: District, content: bytes, status: int, why: str
) -> None:
    id = await entered(district)
    answer = await hand_in(district, id, content)
    slug = answer.json()["type"].rpartition("/")[2]
    assert (answer.status_code, slug) == (status, why)
    assert answer.json()["detail_es"]
    assert await district.rows("scans.files") == []


async def test_who_leads_at_the_school_hands_it_in_and_the_agency_reads_it(
    district: District,
) -> None:
    id = await entered(district)  # in which `dana` becomes the agency's
    for who, status in (("dana", 403), ("denise", 404), ("lead", 403), ("admin", 200)):
        assert (await hand_in(district, id, PDF, who)).status_code == status, who
    PEOPLE["other"] = person("other", f"agency:{new_id()}")
    PEOPLE["nurse"] = person("nurse", "care-team:site-01")
    for who, status in (("dana", 200), ("other", 404), ("nurse", 403), ("rosa", 200)):
        assert (await read(district, id, who=who)).status_code == status, who


async def test_the_database_holds_nothing_of_it(district: District) -> None:
    id = await entered(district)
    await hand_in(district, id, PDF)
    chunks = sorted(await district.rows("scans.chunks"), key=lambda row: int(row["n"]))
    stored = b"".join(bytes(row["data"]) for row in chunks)
    assert len(stored) == len(PDF) + 12 + 16, "nonce and tag"
    assert b"Invented" not in stored


async def test_where_there_is_none_it_says_so(district: District) -> None:
    id = await entered(district)
    missing = await read(district, id)
    assert missing.status_code == 404
    assert "signed document" in missing.json()["detail"]
    assert (await hand_in(district, new_id(), PDF)).status_code == 404
