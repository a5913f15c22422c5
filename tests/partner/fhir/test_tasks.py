"""An agency accepts and completes a referral by FHIR alone, on the real database."""

from services.chassis.ids import new_id
from services.partner.fhir.codes import BUSINESS, DECLINE, OUTCOME
from tests.partner.fhir.client import FhirClient, issue
from tests.partner.subscriptions.subscribed import Subscribed


def coded(system: str, code: str) -> dict[str, object]:
    return {"coding": [{"system": system, "code": code}]}


async def test_a_client_that_knows_fhir_alone_accepts_and_completes_a_referral(
    district: Subscribed,
) -> None:
    smiles = await district.provider("Smiles", seats=1)
    client = await FhirClient.of(district, smiles)
    referral = await district.offer(smiles)

    (task,) = await client.tasks("?status=requested")
    asked = await client.read(task["focus"]["reference"])
    child = await client.read(task["for"]["reference"])
    school = await client.read(task["requester"]["reference"])
    service = await client.read(asked["performer"][0]["reference"])
    assert asked["code"]["coding"][0]["code"] == "dental"
    assert asked["note"] == [{"text": "Age 7-9"}]
    assert child["communication"][0]["language"]["coding"][0]["code"] == "es"
    assert (school["type"][0]["coding"][0]["code"], service["name"]) == ("edu", "Smiles")

    taken = await client.answer(task, status="accepted")
    assert taken["status"] == "accepted"
    assert taken["businessStatus"]["coding"][0]["code"] == "awaiting-school"
    claim = await district.accept(referral)
    confirmed = await client.read(f"Task/{task['id']}")
    assert confirmed["businessStatus"]["coding"][0]["code"] == "confirmed"
    dated = await client.answer(confirmed, executionPeriod={"start": "2026-10-20T17:00:00.000123Z"})
    assert dated["executionPeriod"]["start"].startswith("2026-10-20T17:00:00")
    assert (await client.answer(dated))["meta"] == dated["meta"], "put back as it is, says nothing"
    begun = await client.answer(dated, status="in-progress")
    output = {
        "type": {"text": "Outcome"},
        "valueCodeableConcept": coded(OUTCOME, "need-met"),
    }
    done = await client.answer(begun, status="completed", output=[output])
    assert done["output"][0]["valueCodeableConcept"]["coding"][0]["code"] == "need-met"
    reports = await district.told("ProgressReported")
    assert [each.progress for each in reports] == ["scheduled", "started", "completed"]
    assert {each.claim for each in reports} == {claim}
    assert await client.tasks("?status=requested,accepted") == []
    named = await client.read(task["focus"]["reference"])
    assert named["identifier"][0]["value"] == referral, "told to whom has the child"


async def test_a_task_is_rejected_with_a_code_or_with_words(district: Subscribed) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    await district.offer(smiles, bus)
    client, other = [await FhirClient.of(district, each) for each in (smiles, bus)]
    (task,), (theirs,) = await client.tasks(), await other.tasks()
    bare = await client.put(task, status="rejected")
    assert issue(bare) == (422, "task-not-usable")
    unknown = await client.put(task, status="rejected", statusReason=coded(DECLINE, "rain"))
    assert issue(unknown) == (422, "reason-unknown")
    no = await client.answer(task, status="rejected", statusReason=coded(DECLINE, "no-capacity"))
    assert (no["status"], no["statusReason"]["text"]) == ("rejected", "No capacity")
    words = {"text": "Marked words of theirs"}
    said = await other.answer(theirs, status="rejected", statusReason=words)
    assert said["statusReason"]["coding"][0]["code"] == "other"
    assert "Marked" not in str(await district.rows("offerings"))
    declined = await district.told("OfferDeclined")
    assert [(each.reason, each.last) for each in declined] == [
        ("no-capacity", False),
        ("other", True),
    ]


async def test_the_first_valid_claim_wins_and_the_other_is_told(district: Subscribed) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    await district.offer(smiles, bus)
    client, other = [await FhirClient.of(district, each) for each in (smiles, bus)]
    (task,), (theirs,) = await client.tasks(), await other.tasks()
    await client.answer(task, status="accepted")
    late = await other.put(theirs, status="accepted")
    assert issue(late) == (409, "taken")
    (closed,) = await other.tasks("?status=cancelled")
    assert closed["statusReason"]["text"] == "Another agency was first"
    request = await other.read(closed["focus"]["reference"])
    assert request["status"] == "revoked"
    assert "dental" not in str(request), "closed, it tells no more what it was about"
    assert "communication" not in await other.read(closed["for"]["reference"])


async def test_without_a_seat_a_task_waits_on_the_list(district: Subscribed) -> None:
    smiles = await district.provider("Smiles", seats=0)
    client = await FhirClient.of(district, smiles)
    await district.offer(smiles)
    (task,) = await client.tasks()
    assert issue(await client.put(task, status="accepted")) == (409, "no-seat")
    seen = await client.answer(task, status="received")
    assert seen["status"] == "requested", "that it was received is no answer"
    waits = await client.answer(
        task, status="received", businessStatus=coded(BUSINESS, "waitlisted")
    )
    assert (waits["status"], waits["businessStatus"]["coding"][0]["code"]) == (
        "received",
        "waitlisted",
    )


async def test_what_came_to_nothing_says_how(district: Subscribed) -> None:
    smiles = await district.provider("Smiles", seats=1)
    client = await FhirClient.of(district, smiles)
    referral = await district.offer(smiles)
    (task,) = await client.tasks()
    await client.answer(task, status="accepted")
    early = await client.put(task, status="in-progress")
    assert issue(early) == (409, "not-confirmed")
    await district.accept(referral)
    assert issue(await client.put(task, status="failed")) == (422, "task-not-usable")
    failed = await client.answer(task, status="failed", statusReason=coded(OUTCOME, "no-show"))
    assert failed["status"] == "failed"
    (report,) = await district.told("ProgressReported")
    assert report.progress == "no-show"
    assert failed["statusReason"]["coding"][0]["code"] == "no-show"


async def test_a_task_that_ended_without_the_help_has_failed_with_its_outcome(
    district: Subscribed,
) -> None:
    smiles, bus = [await district.provider(each, seats=1) for each in ("Smiles", "Bus")]
    declined = coded(OUTCOME, "client-declined")
    output = {"type": {"text": "Outcome"}, "valueCodeableConcept": declined}
    for provider, answer in (
        (smiles, {"status": "failed", "statusReason": declined}),
        (bus, {"status": "completed", "output": [output]}),
    ):
        client = await FhirClient.of(district, provider)
        referral = await district.offer(provider)
        (task,) = await client.tasks()
        await client.answer(task, status="accepted")
        await district.accept(referral)
        helped = coded(OUTCOME, "need-met")
        contrary = await client.put(task, status="failed", statusReason=helped)
        assert issue(contrary) == (422, "task-not-usable")
        ended = await client.answer(task, **answer)
        assert ended["status"] == "failed"
        assert ended["statusReason"]["coding"][0]["code"] == "client-declined"
    reports = [(each.progress, each.outcome) for each in await district.told("ProgressReported")]
    assert reports == [("failed", "client-declined")] * 2


async def test_a_task_that_has_changed_is_read_again_first(district: Subscribed) -> None:
    smiles = await district.provider("Smiles", seats=1)
    client = await FhirClient.of(district, smiles)
    await district.offer(smiles)
    (task,) = await client.tasks()
    first = await client.get(f"Task/{task['id']}")
    assert first.headers["etag"] == f'W/"{task["meta"]["versionId"]}"'
    await client.answer(task, if_match=first.headers["etag"], status="accepted")
    no = coded(DECLINE, "no-capacity")
    stale = await client.put(
        task, if_match=first.headers["etag"], status="rejected", statusReason=no
    )
    assert issue(stale) == (412, "stale-version")


async def test_pages_hold_every_task_once(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    client = await FhirClient.of(district, smiles)
    for _ in range(5):
        referral = await district.offer(smiles, expect_open=False)
        await district.offer(smiles, referral=referral, round=2, expect_open=False)
    found: list[str] = []
    query = "Task?_count=3&_include=Task:focus"
    while query:
        page = await client.read(query)
        kinds = [each["resource"]["resourceType"] for each in page["entry"]]
        assert kinds.count("Task") == kinds.count("ServiceRequest") <= 3
        found += [
            each["resource"]["id"] for each in page["entry"] if each["search"]["mode"] == "match"
        ]
        following = [each["url"] for each in page["link"] if each["relation"] == "next"]
        query = following[0].partition("/fhir/r4/")[2] if following else ""
    assert len(found) == len(set(found)) == 10


async def test_no_agency_reads_or_answers_anothers_task(district: Subscribed) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    await district.offer(smiles)
    mine, theirs = [await FhirClient.of(district, each) for each in (smiles, bus)]
    (task,) = await mine.tasks()
    assert await theirs.tasks() == []
    for path in (
        f"Task/{task['id']}",
        f"ServiceRequest/{task['id']}",
        f"Patient/{task['id']}",
        f"Organization/{smiles.agency}",
        f"HealthcareService/{smiles.service}",
        f"Task/{new_id()}",
        "Task/none",
    ):
        assert (await theirs.get(path)).status_code == 404, path
    assert issue(await theirs.put(task, status="accepted")) == (404, "not-found")
    assert (await mine.read(f"Task/{task['id']}"))["status"] == "requested"


async def test_two_that_compare_what_they_read_cannot_tell_that_it_was_one_child(
    district: Subscribed,
) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    referral = await district.offer(smiles, bus)
    mine, theirs = [await FhirClient.of(district, each) for each in (smiles, bus)]
    (task,), (other,) = await mine.tasks(), await theirs.tasks()
    before = (await mine.get(f"Task/{task['id']}")).headers["etag"]
    assert referral not in str([task, other])
    assert not {task["id"], task["focus"]["reference"]} & {
        other["id"],
        other["focus"]["reference"],
    }
    no = coded(DECLINE, "no-capacity")
    await theirs.answer(other, status="rejected", statusReason=no)
    after = (await mine.get(f"Task/{task['id']}")).headers["etag"]
    assert after == before, "what another agency does moves no version here"


async def test_who_the_child_is_is_nowhere_here(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    client = await FhirClient.of(district, smiles)
    await district.offer(smiles)
    (task,) = await client.tasks()
    child = await client.read(task["for"]["reference"])
    masked = {
        "extension": [{"url": child["name"][0]["extension"][0]["url"], "valueCode": "masked"}]
    }
    assert child["name"] == [masked]
    assert child["_birthDate"] == child["_gender"] == masked
    assert set(child) == {
        "resourceType",
        "id",
        "meta",
        "identifier",
        "name",
        "_gender",
        "_birthDate",
        "managingOrganization",
        "communication",
    }


async def test_after_an_erasure_nothing_is_told_of_what_it_was_about(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    client = await FhirClient.of(district, smiles)
    referral = await district.offer(smiles)
    await district.pump()
    (task,) = await client.tasks()
    await district.happened(referral, "ReferralErased")
    request = await client.read(task["focus"]["reference"])
    assert "dental" not in str(request)
    assert request["code"]["text"] == "No longer told"


async def test_of_a_restricted_need_a_task_tells_attendance_alone(district: Subscribed) -> None:
    calm = await district.provider("Calm", category="mental-health")
    client = await FhirClient.of(district, calm)
    referral = await district.offer(calm)
    (task,) = await client.tasks()
    words = {"text": "Marked words of theirs"}
    said = await client.put(task, status="rejected", statusReason=words)
    assert issue(said) == (409, "attendance-only")
    taken = await client.answer(task, status="accepted")
    await district.accept(referral)
    output = {"type": {"text": "Outcome"}, "valueCodeableConcept": coded(OUTCOME, "partly-met")}
    told = await client.put(taken, status="completed", output=[output])
    assert issue(told) == (409, "attendance-only")
    done = await client.answer(taken, status="completed")
    assert done["output"][0]["valueCodeableConcept"]["coding"][0]["code"] == "attended"
