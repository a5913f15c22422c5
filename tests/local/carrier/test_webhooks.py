"""Signed webhooks: every one is checked by Twilio's own validator when it arrives."""

import time

import httpx2
import pytest

from tests.local.carrier.running import (
    ACCOUNT,
    FAMILY,
    LINE,
    SERVICE,
    TOKEN,
    Carrier,
    Product,
    eventually,
)


def callback(product: Product) -> str:
    return product.url + "/texts/01?attempt=1&name=Jos%C3%A9"


def listen(carrier: Carrier, product: Product) -> None:
    carrier.http.put("/sim/settings", json={"inbound_url": product.url + "/inbound"})


def test_each_status_is_told_with_a_valid_signature(carrier: Carrier, product: Product) -> None:
    sid = carrier.send(status_callback=callback(product)).sid
    eventually(lambda: len(product.requests) == 3)
    assert product.statuses() == ["queued", "sent", "delivered"]
    assert product.requests[0].path == "/texts/01?attempt=1&name=Jos%C3%A9"
    assert product.requests[0].form == {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "From": LINE,
        "MessageSid": sid,
        "MessageStatus": "queued",
        "SmsSid": sid,
        "SmsStatus": "queued",
        "To": FAMILY,
    }


@pytest.mark.parametrize("rest", ["", "/texts/josé ana?q='[a]~%7e&r=a+b#part"])
def test_an_unusual_address_is_signed_as_it_is_requested(
    carrier: Carrier, product: Product, rest: str
) -> None:
    carrier.send(status_callback=product.url + rest)
    eventually(lambda: len(product.requests) == 3)
    assert product.unsigned == []


def test_a_messaging_service_is_named_in_its_callbacks(carrier: Carrier, product: Product) -> None:
    carrier.send(messaging_service_sid=SERVICE, status_callback=callback(product))
    eventually(lambda: len(product.requests) == 3)
    assert product.statuses() == ["queued", "sent", "delivered"]
    assert product.requests[0].form["MessagingServiceSid"] == SERVICE


@pytest.mark.parametrize(("to", "code"), [("+15005553003", "30003"), ("+15005553007", "30007")])
def test_an_undelivered_text_says_why(
    carrier: Carrier, product: Product, to: str, code: str
) -> None:
    carrier.send(to=to, status_callback=callback(product))
    eventually(lambda: len(product.requests) == 3)
    assert product.statuses() == ["queued", "sent", "undelivered"]
    assert product.requests[2].form["ErrorCode"] == code
    assert "ErrorCode" not in product.requests[1].form


def test_a_failed_webhook_is_tried_again_with_the_same_token(
    carrier: Carrier, product: Product
) -> None:
    carrier.rules({"action": "drop", "statuses": ["sent", "delivered"]})
    product.answers = [(500, "text/plain", "no"), (302, "text/plain", "elsewhere")]
    carrier.send(status_callback=callback(product))
    eventually(lambda: len(product.requests) == 3)
    tokens = {request.headers["i-twilio-idempotency-token"] for request in product.requests}
    assert len(tokens) == 1
    delivery = carrier.settled()["deliveries"][0]
    assert (delivery["state"], delivery["attempts"]) == ("done", 3)


def test_a_webhook_that_never_succeeds_can_be_tried_again_later(
    carrier: Carrier, product: Product
) -> None:
    carrier.rules({"action": "drop", "statuses": ["sent", "delivered"]})
    product.answers = [(503, "text/plain", "")] * 4
    carrier.send(status_callback=callback(product))
    eventually(lambda: carrier.http.get("/sim/deliveries").json()["counts"]["failed"] == 1)
    (failed,) = carrier.http.get("/sim/deliveries?state=failed").json()["deliveries"]
    assert (failed["attempts"], failed["last_error"]) == (4, "answered 503")
    assert carrier.http.post("/sim/deliveries/retry").json() == {"retried": 1}
    eventually(lambda: carrier.http.get("/sim/deliveries").json()["counts"]["done"] == 1)


def test_a_product_that_is_down_is_told_when_it_is_up(carrier: Carrier, product: Product) -> None:
    carrier.http.put("/sim/settings", json={"retry_seconds": [0.1] * 20})
    # Nobody listens on the discard port.
    sid = carrier.send(status_callback="http://127.0.0.1:9/texts").sid
    eventually(lambda: "ConnectError" in str(carrier.phone()[0]["deliveries"]))
    listen(carrier, product)
    answer = carrier.family_texts("Hello")
    eventually(lambda: product.requests)
    assert product.requests[0].form["MessageSid"] == answer["sid"] != sid


def test_the_familys_answer_is_handed_over(carrier: Carrier, product: Product) -> None:
    listen(carrier, product)
    carrier.send()
    answer = carrier.family_texts("Sí, mañana a las 3 & gracias")
    eventually(lambda: product.requests)
    assert product.requests[0].path == "/inbound"
    form = product.requests[0].form
    assert form["MessageSid"] == answer["sid"]
    assert (form["From"], form["To"]) == (FAMILY, LINE)
    assert form["Body"] == "Sí, mañana a las 3 & gracias"
    assert (form["NumMedia"], form["NumSegments"], form["AccountSid"]) == ("0", "1", ACCOUNT)
    assert carrier.twilio.messages(answer["sid"]).fetch().direction == "inbound"


def test_an_inbound_webhook_that_fails_is_tried_again(carrier: Carrier, product: Product) -> None:
    listen(carrier, product)
    product.answers = [(500, "text/plain", "")]
    carrier.family_texts("Hello")
    eventually(lambda: len(product.requests) == 2)
    eventually(lambda: carrier.phone()[-1]["deliveries"][0]["state"] == "done")


def test_a_twiml_answer_is_texted_back(carrier: Carrier, product: Product) -> None:
    listen(carrier, product)
    twiml = "<Response><Message>Thank you</Message><Message><Body>Bye</Body></Message></Response>"
    product.answers = [(200, "text/xml; charset=utf-8", twiml)]
    carrier.family_texts("It went well")
    eventually(lambda: len(carrier.phone()) == 3)
    replies = carrier.phone()[1:]
    assert [reply["body"] for reply in replies] == ["Thank you", "Bye"]
    assert {reply["direction"] for reply in replies} == {"outbound-reply"}
    assert carrier.http.get("/sim/ledger").json()["messages"] == []


def test_an_answer_with_entities_is_left_alone(carrier: Carrier, product: Product) -> None:
    listen(carrier, product)
    twiml = '<!DOCTYPE r [<!ENTITY a "b">]><Response><Message>&a;</Message></Response>'
    product.answers = [(200, "text/xml", twiml)]
    carrier.family_texts("It went well")
    eventually(lambda: carrier.phone()[-1]["deliveries"][0]["state"] == "done")
    assert len(carrier.phone()) == 1


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"action": "reorder"}, ["delivered", "sent", "queued"]),
        (
            {"action": "duplicate"},
            ["queued", "queued", "sent", "sent", "delivered", "delivered"],
        ),
        ({"action": "drop", "statuses": ["queued"]}, ["sent", "delivered"]),
        ({"action": "hold", "status": "sent"}, ["queued", "sent"]),
    ],
)
def test_a_rule_shapes_the_callbacks_as_often_as_it_says(
    carrier: Carrier, product: Product, rule: dict[str, object], expected: list[str]
) -> None:
    carrier.rules(rule | {"times": 1})
    carrier.send(status_callback=callback(product))
    eventually(lambda: len(product.requests) == len(expected))
    assert product.statuses() == expected
    assert carrier.http.get("/sim/rules").json()["rules"][0]["remaining"] == 0
    carrier.send(status_callback=callback(product))
    eventually(lambda: len(product.requests) == len(expected) + 3)
    assert product.statuses()[len(expected) :] == ["queued", "sent", "delivered"]


def test_an_answer_can_arrive_twice(carrier: Carrier, product: Product) -> None:
    listen(carrier, product)
    carrier.rules({"action": "duplicate", "of": "inbound", "match": FAMILY})
    carrier.family_texts("Hello")
    eventually(lambda: len(product.requests) == 2)
    assert product.requests[0].form == product.requests[1].form


def test_a_delayed_text_takes_its_time(carrier: Carrier, product: Product) -> None:
    carrier.rules({"action": "delay", "seconds": 0.4})
    started = time.monotonic()
    carrier.send(status_callback=callback(product))
    eventually(lambda: len(product.requests) == 3)
    assert product.requests[0].at - started < 0.4
    assert product.requests[2].at - started >= 0.4


def test_a_hanging_request_is_accepted_all_the_same(carrier: Carrier, product: Product) -> None:
    carrier.rules({"action": "hang", "seconds": 30, "times": 1})
    form = {"To": FAMILY, "From": LINE, "Body": "Hello", "StatusCallback": callback(product)}
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    with pytest.raises(httpx2.ReadTimeout):
        carrier.http.post(path, data=form, auth=(ACCOUNT, TOKEN), timeout=0.3)
    eventually(lambda: product.statuses() == ["queued", "sent", "delivered"])
    (found,) = carrier.twilio.messages.list(to=FAMILY)
    assert (found.sid, found.body) == (product.requests[0].form["MessageSid"], "Hello")
