"""The API as Twilio's own client sees it."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from twilio.base.exceptions import (  # type: ignore[import-untyped] # it publishes no types
    TwilioRestException,
)

from tests.local.carrier.running import ACCOUNT, FAMILY, LINE, SERVICE, Carrier


def refused(carrier: Carrier, **more: Any) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        carrier.send(**more)
    return caught.value.status, caught.value.code


def test_a_text_is_accepted_with_twilios_resource(carrier: Carrier) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    message = carrier.send("¿Cómo está Ana?")
    assert re.fullmatch("SM[0-9a-f]{32}", message.sid)
    assert (message.status, message.direction) == ("queued", "outbound-api")
    assert (message.to, message.from_) == (FAMILY, LINE)
    assert message.body == "¿Cómo está Ana?"
    assert (message.num_segments, message.num_media) == ("1", "0")
    assert before <= message.date_created <= datetime.now(UTC)
    assert message.date_sent is None
    assert message.error_code is None
    assert message.account_sid == ACCOUNT
    assert message.uri == f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{message.sid}.json"


def test_an_accented_text_is_counted_in_ucs2(carrier: Carrier) -> None:
    assert carrier.send("á" * 71).num_segments == "2"


def test_a_text_is_delivered_and_can_be_fetched(carrier: Carrier) -> None:
    sid = carrier.send().sid
    carrier.settled()
    message = carrier.twilio.messages(sid).fetch()
    assert message.status == "delivered"
    assert message.date_sent is not None


def test_a_messaging_service_accepts_first_and_chooses_the_sender_later(carrier: Carrier) -> None:
    message = carrier.send(messaging_service_sid=SERVICE)
    assert (message.status, message.from_, message.num_segments) == ("accepted", None, "0")
    carrier.settled()
    message = message.fetch()
    assert (message.from_, message.num_segments) == (LINE, "1")
    assert message.messaging_service_sid == SERVICE
    history = [change["status"] for change in carrier.phone()[0]["history"]]
    assert history == ["accepted", "queued", "sent", "delivered"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"to": "415 555 0123"}, 21211),
        ({"to": "+1415555012"}, 21211),
        ({"to": ""}, 21604),
        ({"to": LINE}, 21266),
        ({"to": "+15005550001"}, 21211),
        ({"to": "+15005550002"}, 21612),
        ({"to": "+15005550004"}, 21610),
        ({"body": ""}, 21602),
        ({"body": "a" * 1601}, 21617),
        ({"from_": "nobody@home"}, 21212),
        ({"from_": "+14155550111"}, 21606),
        ({"from_": ""}, 21603),
        ({"status_callback": "not an address"}, 21609),
        ({"media_url": ["http://127.0.0.1/a.png"]}, 20001),
    ],
)
def test_a_wrong_request_is_refused_with_twilios_code(
    carrier: Carrier, more: dict[str, Any], code: int
) -> None:
    assert refused(carrier, **more) == (400, code)
    ledger = carrier.http.get("/sim/ledger").json()
    assert ledger["messages"] == []
    assert [refusal["code"] for refusal in ledger["refusals"]] == [code]


def test_an_error_has_twilios_shape(carrier: Carrier) -> None:
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    response = carrier.http.post(path, data={"To": FAMILY}, auth=(ACCOUNT, "wrong"))
    assert response.status_code == 401
    assert response.json() == {
        "code": 20003,
        "message": "Authenticate",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }


def test_too_many_requests_say_when_to_come_back(carrier: Carrier) -> None:
    carrier.rules({"action": "fail", "code": 20429, "retry_after_seconds": 7, "times": 1})
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    form = {"To": FAMILY, "From": LINE, "Body": "Hello"}
    auth = (ACCOUNT, "sample-auth-token")
    response = carrier.http.post(path, data=form, auth=auth)
    assert (response.status_code, response.json()["code"]) == (429, 20429)
    assert response.headers["retry-after"] == "7"
    assert carrier.http.post(path, data=form, auth=auth).status_code == 201


def test_the_wrong_account_finds_nothing(carrier: Carrier) -> None:
    other = "AC" + "f" * 32
    with pytest.raises(TwilioRestException) as caught:
        carrier.twilio.api.v2010.accounts(other).messages.create(to=FAMILY, body="Hello")
    assert (caught.value.status, caught.value.code) == (404, 20404)
    with pytest.raises(TwilioRestException) as caught:
        carrier.twilio.messages("SM" + "0" * 32).fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)
    with pytest.raises(TwilioRestException) as caught:
        carrier.client(token="wrong").messages.create(to=FAMILY, body="Hello")
    assert (caught.value.status, caught.value.code) == (401, 20003)


def test_the_list_goes_through_every_page_newest_first(carrier: Carrier) -> None:
    sent = [carrier.send(f"Text {number}").sid for number in range(7)]
    listed = [message.sid for message in carrier.twilio.messages.list(page_size=3)]
    assert listed == sent[::-1]


def test_pages_lead_forth_and_back(carrier: Carrier) -> None:
    sent = [carrier.send(f"Text {number}").sid for number in range(5)][::-1]
    first = carrier.twilio.messages.page(page_size=2)
    second = first.next_page()
    third = second.next_page()
    back = third.previous_page()
    assert [message.sid for message in second] == sent[2:4]
    assert [message.sid for message in third] == sent[4:]
    assert third.next_page() is None
    assert [message.sid for message in back] == sent[2:4]
    assert [message.sid for message in back.previous_page()] == sent[:2]
    assert first.previous_page() is None


def test_the_list_is_filtered_by_number_and_time(carrier: Carrier) -> None:
    other = "+14155550124"
    first = carrier.send().sid
    second = carrier.send(to=other).sid
    carrier.settled()
    carrier.settled(number=other)
    answer = carrier.family_texts("I am here")["sid"]
    messages = carrier.twilio.messages
    today = datetime.now(UTC).date()
    moment = datetime.now(UTC) + timedelta(seconds=2)

    assert [one.sid for one in messages.list(to=other)] == [second]
    assert [one.sid for one in messages.list(from_=LINE)] == [second, first]
    assert [one.sid for one in messages.list(to=LINE, from_=FAMILY)] == [answer]
    assert len(messages.list(date_sent=today)) == 3
    assert messages.list(date_sent=date(2020, 1, 1)) == []
    assert len(messages.list(date_sent_before=moment)) == 3
    assert messages.list(date_sent_after=moment) == []


def test_the_words_of_a_text_can_be_forgotten_and_then_the_text(carrier: Carrier) -> None:
    message = carrier.send("Ana has an appointment")
    carrier.settled()
    assert message.update(body="").body == ""
    assert message.delete() is True
    assert carrier.phone() == []


def test_a_text_on_its_way_cannot_be_deleted(carrier: Carrier) -> None:
    carrier.rules({"action": "hold", "status": "queued"})
    with pytest.raises(TwilioRestException) as caught:
        carrier.send().delete()
    assert (caught.value.status, caught.value.code) == (409, 20009)
