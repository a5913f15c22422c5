"""The words that the carrier handles by itself."""

import pytest
from twilio.base.exceptions import (  # type: ignore[import-untyped] # it publishes no types
    TwilioRestException,
)

from tests.local.carrier.running import FAMILY, LINE, SERVICE, Carrier, Product, eventually


@pytest.mark.parametrize(
    "word",
    ["STOP", "stopall", " Unsubscribe ", "CANCEL", "End", "QUIT\n", "revoke", "OPTOUT"],
)
def test_a_phone_that_answered_stop_gets_nothing_more(carrier: Carrier, word: str) -> None:
    carrier.family_texts(word)
    with pytest.raises(TwilioRestException) as caught:
        carrier.send()
    assert (caught.value.status, caught.value.code) == (400, 21610)
    with pytest.raises(TwilioRestException) as caught:
        carrier.send(messaging_service_sid=SERVICE)
    assert caught.value.code == 21610
    assert carrier.http.get("/sim/phones").json()["phones"][0]["opted_out_of"] == [LINE]
    assert "unsubscribed" in carrier.phone()[1]["body"]


@pytest.mark.parametrize("word", ["START", "yes", "Unstop"])
def test_a_phone_that_answered_start_gets_texts_again(carrier: Carrier, word: str) -> None:
    carrier.family_texts("STOP")
    carrier.family_texts(word)
    assert carrier.send().status == "queued"
    assert carrier.http.get("/sim/opt-outs").json() == {"opt_outs": []}


@pytest.mark.parametrize("words", ["STOP please", "ALTO", "no", "STOP."])
def test_other_words_are_left_to_the_product(carrier: Carrier, words: str) -> None:
    carrier.family_texts(words)
    assert carrier.send().status == "queued"


def test_yes_is_an_ordinary_answer_of_a_phone_that_gets_texts(carrier: Carrier) -> None:
    carrier.family_texts("YES")
    assert len(carrier.phone()) == 1


def test_the_product_hears_of_a_stop(carrier: Carrier, product: Product) -> None:
    carrier.http.put("/sim/settings", json={"inbound_url": product.url})
    carrier.family_texts("STOP")
    eventually(lambda: product.requests)
    assert product.requests[0].form["Body"] == "STOP"


def test_other_phones_are_not_concerned(carrier: Carrier) -> None:
    carrier.family_texts("STOP")
    assert carrier.send(to="+14155550124").status == "queued"


def test_forgetting_texts_keeps_opt_outs_until_they_are_forgotten_too(carrier: Carrier) -> None:
    carrier.family_texts("STOP")
    assert carrier.http.delete("/sim/messages").status_code == 204
    expected = {"opt_outs": [{"phone": FAMILY, "lines": [LINE]}]}
    assert carrier.http.get("/sim/opt-outs").json() == expected
    assert carrier.http.delete("/sim/opt-outs").status_code == 204
    assert carrier.send().status == "queued"
