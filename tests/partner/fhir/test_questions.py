"""An agency asks for more by FHIR before it answers, on the real database."""

from typing import Any

from contracts.referrals import QuestionAnswer, ReferralQuestionAnswered
from services.partner.fhir.codes import BUSINESS, QUESTION
from tests.partner.fhir.client import FhirClient, issue
from tests.partner.fhir.test_tasks import coded
from tests.partner.subscriptions.subscribed import Subscribed

NEEDED = coded(BUSINESS, "information-needed")


async def test_a_task_that_lacks_information_asks_and_its_inputs_are_the_answer(
    district: Subscribed,
) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    referral = await district.offer(smiles, bus)
    client, other = [await FhirClient.of(district, each) for each in (smiles, bus)]
    (task,) = await client.tasks()
    why = {"coding": [{"system": QUESTION, "code": each} for each in ("age", "times")]}
    asks = await client.answer(task, status="received", businessStatus=NEEDED, statusReason=why)
    assert asks["status"] == "requested", "it is open, and its time runs on"
    assert asks["businessStatus"]["coding"][0]["code"] == "information-needed"
    assert asks["restriction"] == task["restriction"]
    again = await client.answer(task, status="received", businessStatus=NEEDED, statusReason=why)
    assert again == asks
    (told,) = await district.told("OfferQuestionAsked")
    assert told.topics == ("age", "times")
    await district.apply(
        ReferralQuestionAnswered(
            referral=referral,
            offer=task["id"],
            agency=smiles.agency,
            question=told.question,
            answer=QuestionAnswer.model_validate({"age": "7-9", "times": ["evening"]}),
            by="rosa",
        )
    )
    (known,) = await client.tasks()
    said = [(each["type"]["coding"][0]["code"], each["valueString"]) for each in known["input"]]
    assert said == [("age", "7-9"), ("times", "evening")]
    assert known["businessStatus"]["coding"][0]["code"] == "offered"
    (theirs,) = await other.tasks()
    assert "input" not in theirs, "it is told to whoever asked"
    assert (await client.answer(known, status="accepted"))["status"] == "accepted"


async def test_a_question_about_nothing_is_refused_with_what_may_be_asked(
    district: Subscribed,
) -> None:
    smiles = await district.provider("Smiles")
    await district.offer(smiles)
    client = await FhirClient.of(district, smiles)
    (task,) = await client.tasks()
    for why in (None, coded(QUESTION, "name"), coded("urn:another", "age")):
        more: dict[str, Any] = {"statusReason": why} if why else {}
        bare = await client.put(task, status="received", businessStatus=NEEDED, **more)
        assert issue(bare) == (422, "task-not-usable")
    words = {"text": "Can he use stairs?"}
    asked = await client.put(task, status="received", businessStatus=NEEDED, statusReason=words)
    assert asked.status_code == 200
    (told,) = await district.told("OfferQuestionAsked")
    assert told.topics == ("other",)
    assert "stairs" not in str(await district.rows("offerings"))
