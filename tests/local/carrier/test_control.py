"""The test's side: ledger, settings, rules, and who may use them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.local.carrier.database import HomeInUseError
from tests.local.carrier.running import FAMILY, LINE, Carrier, Product, eventually


def test_the_ledger_holds_what_was_accepted_in_order(carrier: Carrier) -> None:
    carrier.send("One")
    carrier.family_texts("Two")
    carrier.send("Three", to="+14155550124")
    ledger = carrier.http.get("/sim/ledger").json()["messages"]
    assert [message["body"] for message in ledger] == ["One", "Three"]
    carrier.http.delete("/sim/messages")
    assert carrier.http.get("/sim/ledger").json() == {"messages": [], "refusals": []}


def test_phones_are_listed_with_counts_the_newest_first(carrier: Carrier) -> None:
    carrier.send()
    carrier.send(to="+14155550124")
    carrier.family_texts("Hello")
    phones = carrier.http.get("/sim/phones").json()["phones"]
    assert [(one["number"], one["received"], one["written"]) for one in phones] == [
        (FAMILY, 1, 1),
        ("+14155550124", 1, 0),
    ]


def test_an_answer_goes_to_the_number_that_texted_last(tmp_path: Path) -> None:
    second = "+14155550101"
    carrier = Carrier(tmp_path, numbers=(LINE, second))
    carrier.start()
    try:
        assert carrier.family_texts("First")["to"] == LINE
        carrier.send(from_=second)
        assert carrier.family_texts("Second")["to"] == second
        assert carrier.family_texts("Third", to=LINE)["to"] == LINE
    finally:
        carrier.stop()
        carrier.close()


def test_a_malformed_rule_changes_nothing(carrier: Carrier) -> None:
    carrier.rules({"action": "reorder"})
    response = carrier.http.put("/sim/rules", json=[{"action": "explode"}])
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert carrier.http.get("/sim/rules").json()["rules"][0]["action"] == "reorder"


def test_settings_are_changed_one_by_one(carrier: Carrier) -> None:
    carrier.http.put("/sim/settings", json={"latency_seconds": 2})
    carrier.http.put("/sim/settings", json={"inbound_url": "http://127.0.0.1:8404/inbound"})
    assert carrier.http.get("/sim/settings").json() == {
        "inbound_url": "http://127.0.0.1:8404/inbound",
        "latency_seconds": 2.0,
        "retry_seconds": [0.05, 0.05, 0.05],
    }
    for wrong in ({"inbound_url": "nowhere"}, {"latency_seconds": -1}, {"colour": "red"}):
        assert carrier.http.put("/sim/settings", json=wrong).status_code == 422


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://a.test"}])
def test_another_sites_page_may_change_nothing(carrier: Carrier, headers: dict[str, str]) -> None:
    path = f"/sim/phones/{FAMILY}/messages"
    assert carrier.http.post(path, json={"body": "STOP"}, headers=headers).status_code == 403
    assert carrier.http.delete("/sim/messages", headers=headers).status_code == 403
    form = carrier.http.post(f"/phones/{FAMILY}", data={"body": "STOP"}, headers=headers)
    assert form.status_code == 403
    assert carrier.phone() == []


def test_a_foreign_host_name_is_not_served(carrier: Carrier) -> None:
    assert carrier.http.get("/sim/phones", headers={"Host": "evil.test"}).status_code == 400


def test_it_is_ready(carrier: Carrier) -> None:
    assert carrier.http.get("/health").json()["status"] == "ok"


def test_a_restart_keeps_everything_and_goes_on(tmp_path: Path, product: Product) -> None:
    carrier = Carrier(tmp_path)
    carrier.start()
    carrier.http.put("/sim/settings", json={"inbound_url": product.url + "/inbound"})
    carrier.rules({"action": "delay", "seconds": 0.6}, {"action": "duplicate", "times": 5})
    carrier.send("Before", status_callback=product.url + "/status")
    carrier.family_texts("STOP", to="+14155550199")
    eventually(lambda: len(product.requests) == 3)
    carrier.stop()

    carrier.start()
    try:
        eventually(lambda: len(product.requests) == 7)
        statuses = [one.status for one in product.requests if one.path == "/status"]
        assert statuses == ["queued", "queued", "sent", "sent", "delivered", "delivered"]
        assert carrier.http.get("/sim/ledger").json()["messages"][0]["body"] == "Before"
        assert [rule["remaining"] for rule in carrier.http.get("/sim/rules").json()["rules"]] == [
            None,
            4,
        ]
        assert carrier.http.get("/sim/settings").json()["inbound_url"] == product.url + "/inbound"
        lines = carrier.http.get("/sim/opt-outs").json()["opt_outs"][0]["lines"]
        assert lines == ["+14155550199"]
    finally:
        carrier.stop()
        carrier.close()


def test_one_home_has_one_simulator(carrier: Carrier, tmp_path: Path) -> None:
    second = Carrier(tmp_path / "carrier")
    with pytest.raises(HomeInUseError, match="Another carrier simulator is running"):
        second.start()
    second.close()
    assert carrier.http.get("/health").status_code == 200


def test_texts_are_stamped_with_the_products_clock(tmp_path: Path) -> None:
    clock = tmp_path / "clock.json"
    carrier = Carrier(tmp_path / "carrier", clock_file=clock)
    carrier.start()
    try:
        clock.write_text(json.dumps({"offset_seconds": 3 * 86_400.0}))
        message = carrier.send()
        ahead = message.date_created - datetime.now(UTC)
        assert timedelta(days=2, hours=23) < ahead <= timedelta(days=3)
        clock.write_text("{")
        assert carrier.send().date_created >= message.date_created
        assert "3 days ahead" in carrier.http.get("/").text
    finally:
        carrier.stop()
        carrier.close()


def test_only_the_newest_texts_are_kept(tmp_path: Path) -> None:
    carrier = Carrier(tmp_path, keep=100)
    carrier.start()
    try:
        for number in range(200):
            carrier.family_texts(f"Text {number}")
        bodies = [message["body"] for message in carrier.phone()]
        assert bodies == [f"Text {number}" for number in range(100, 200)]
    finally:
        carrier.stop()
        carrier.close()
