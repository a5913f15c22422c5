"""A district words messages its own way: checked, versioned, tried on oneself, in force at once."""

from datetime import timedelta
from typing import Any

import pytest

from tests.notify.build import PHONE, created, mother, offered
from tests.notify.world import World

REF = "019ab000-0000-7000-8000-00000000008"
PLACE = "/v1/message-templates/family-asked"
GOOD = "Buscamos la ayuda para ustedes y les avisamos pronto. Siga el estado en {{ link }}"


def spanish(body: str, **changes: Any) -> dict[str, Any]:
    return {"parts": [{"channel": "sms", "language": "es", "body": body, **changes}]}


async def test_the_districts_words_go_out_from_the_next_message_on(notify: World) -> None:
    await notify.person(mother())
    done = await notify.put(PLACE, "grace", spanish(GOOD))
    assert (done.status_code, done.headers["ETag"]) == (200, '"1"'), done.text
    await notify.happens(created(f"{REF}1"), offered(f"{REF}1"))
    await notify.work()
    assert "Buscamos la ayuda para ustedes" in notify.texts()[-1]
    back = await notify.put(PLACE, "grace", {"parts": []}, version=1)
    assert back.json()["own"] is False
    notify.advance(timedelta(days=8))
    await notify.happens(created(f"{REF}2"), offered(f"{REF}2"))
    await notify.work()
    assert "Ya pedimos la ayuda para su familia" in notify.texts()[-1]


async def test_every_version_is_kept_with_who_made_it(notify: World) -> None:
    await notify.put(PLACE, "grace", spanish(GOOD))
    await notify.put(PLACE, "grace", {"parts": []}, version=1)
    versions = (await notify.get(f"{PLACE}/versions", "grace")).json()
    assert [(each["number"], each["by"], len(each["parts"])) for each in versions] == [
        (2, "grace", 0),
        (1, "grace", 1),
    ]
    assert versions[1]["parts"][0]["body"] == GOOD
    stale = await notify.put(PLACE, "grace", spanish(GOOD), version=1)
    assert stale.status_code == 412
    assert len((await notify.get(f"{PLACE}/versions", "grace")).json()) == 2


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("Ya pedimos la ayuda.", "values"),
        ("Ya pedimos la ayuda: {{ link }} {{ student }}", "grammar"),
        ("{% for a in link %}{{ a }}{% endfor %}{{ link }}", "grammar"),
        ("Pedimos un refugio para ustedes: {{ link }}", "sensitive"),
        ("Pedimos la ayuda. " * 18 + "{{ link }}", "length"),
        ("Estimada familia: pedimos la ayuda. {{ link }}", "gender"),
    ],
)
async def test_words_with_a_fault_are_told_and_change_nothing(
    notify: World, body: str, rule: str
) -> None:
    tried = (await notify.post(f"{PLACE}/check", "grace", spanish(body))).json()
    assert rule in {each["rule"] for each in tried["findings"]}
    refused = await notify.put(PLACE, "grace", spanish(body))
    assert refused.status_code == 422
    problem = refused.json()
    assert problem["type"].endswith("wording-not-good")
    assert "Nothing was changed" in problem["detail"]
    assert (await notify.get(PLACE, "grace")).json()["own"] is False
    assert (await notify.get(f"{PLACE}/versions", "grace")).json() == []


@pytest.mark.parametrize(
    "part",
    [
        {"channel": "sms", "language": "es", "body": ""},
        {"channel": "fax", "language": "es", "body": GOOD},
        {"channel": "sms", "language": "es", "body": "x" * 4_001},
        {"channel": "sms", "language": "es", "body": GOOD, "extra": 1},
    ],
)
async def test_what_are_no_words_is_refused(notify: World, part: dict[str, Any]) -> None:
    assert (await notify.put(PLACE, "grace", {"parts": [part]})).status_code == 422


async def test_a_message_is_shown_as_it_goes_out_short_and_long(notify: World) -> None:
    shown = (await notify.get(PLACE, "grace")).json()
    assert shown["findings"] == []
    made = {(each["channel"], each["language"], each["size"]) for each in shown["examples"]}
    assert len(made) == 8
    mail = next(each for each in shown["examples"] if each["channel"] == "email")
    assert mail["html"].startswith("<!doctype html>")
    rows = (await notify.get("/v1/message-templates", "grace")).json()
    assert {"family-asked", "agency-offer"} <= {each["name"] for each in rows}


async def test_a_test_goes_to_the_number_that_was_given_and_to_nobody_who_said_stop(
    notify: World,
) -> None:
    body = {"channel": "sms", "language": "es", "to": "(510) 555-0123", **spanish(GOOD)}
    sent = await notify.post(f"{PLACE}/test-send", "grace", {**body, "to": PHONE})
    assert sent.json() == {"outcome": "accepted"}
    assert notify.texts()[-1].startswith("[Test] ")
    assert "Buscamos la ayuda para ustedes" in notify.texts()[-1]
    assert await notify.messages() == [], "a test is no message to a family"
    await notify.answers("ALTO")
    refused = await notify.post(f"{PLACE}/test-send", "grace", {**body, "to": PHONE})
    assert refused.status_code == 409
    nowhere = await notify.post(f"{PLACE}/test-send", "grace", {**body, "to": "nobody"})
    assert nowhere.status_code == 422
    assert len(notify.texts()) == 1


async def test_tests_end_after_twenty_a_day_and_while_everything_is_off(notify: World) -> None:
    body = {"channel": "sms", "language": "en", "to": PHONE}
    answers = [
        (await notify.post(f"{PLACE}/test-send", "grace", body)).status_code for _ in range(21)
    ]
    assert answers == [200] * 20 + [429]
    notify.advance(timedelta(hours=25))
    await notify.post("/v1/outgoing", "farah", {"on": False})
    assert (await notify.post(f"{PLACE}/test-send", "grace", body)).status_code == 409


async def test_the_district_alone_words_messages(notify: World) -> None:
    for who in ("rosa", "nurse", "lead", "farah"):
        assert (await notify.get(PLACE, who)).status_code == 403
        assert (await notify.put(PLACE, who, spanish(GOOD))).status_code == 403
    assert (await notify.get("/v1/message-templates/none", "grace")).status_code == 404


async def test_words_that_a_later_release_cannot_fill_are_left_aside(notify: World) -> None:
    await notify.put(PLACE, "grace", spanish(GOOD))
    unfit = [{"channel": "sms", "language": "es", "body": "Hola {{ gone }}", "subject": ""}]
    await notify.chassis.database["wordings"].update_one({}, {"$set": {"parts": unfit}})
    await notify.person(mother())
    await notify.happens(created(f"{REF}3"), offered(f"{REF}3"))
    await notify.work()
    assert "Ya pedimos la ayuda para su familia" in notify.texts()[-1]
