"""An agency's endpoints, deliveries and keys on its own pages: shown once, rotated, sent again."""

import re

import httpx2
import pytest

from services.partner.subscriptions.model.key import LONGEST_DAYS, Scope
from services.partner.subscriptions.model.kinds import TEST, Kind
from services.portal.model.hooks import EVENTS, LIVES, SCOPES, event_of, type_of
from tests.portal.running import OWN, Portal
from tests.portal.samples import COUNSEL
from tests.portal.samples_own import (
    BROKEN,
    HOOK,
    KEY,
    LINE,
    LOST,
    NEW_KEY,
    OLD_KEY,
    SECRET,
    TEST_LINE,
    own_id,
    sample_hooks,
)
from tests.portal.test_ask import text_of
from tests.portal.test_own import HOME, carmen, priya

__all__ = ["carmen", "priya"]

SYSTEM = f"{HOME}/system"
AT = f"{SYSTEM}/webhooks/{HOOK}"
FRESH = own_id(160)


def test_the_pages_know_every_event_and_every_scope_that_there_is() -> None:
    assert {type_of(each) for each in EVENTS} == {each.value for each in Kind}
    assert [event_of(type_of(each)) for each in EVENTS] == list(EVENTS)
    assert event_of(TEST) == "test"
    assert set(SCOPES) == {each.value for each in Scope}
    assert max(LIVES) <= LONGEST_DAYS


def test_the_page_says_how_each_stands_and_what_ends_soon(priya: httpx2.Client) -> None:
    page = text_of(priya.get(SYSTEM))
    assert "Works." in page
    assert "Switched off after five days without an answer." in page
    assert page.index("Case system") < page.index("Former system"), "those that work come first"
    assert "used last:" in page
    assert "ended by you" in page


def test_a_secret_is_shown_once_and_stands_in_no_address(
    priya: httpx2.Client, portal: Portal
) -> None:
    form = priya.get(f"{SYSTEM}/webhooks/new").text
    (action,) = re.findall(rf'action="({SYSTEM}/webhooks/[0-9a-f-]+)"', form)
    data = {"url": " https://x.example.org/in ", "event": ["opened", "accepted"]}
    made = priya.post(action, data=data, headers=OWN)
    assert made.status_code == 200, "shown by the answer itself: no address leads there again"
    assert SECRET in made.text
    assert made.headers["cache-control"] == "no-store"
    path, body = portal.services.posted[-1]
    assert path == action.replace(SYSTEM, "/v1")
    assert body == {
        "agency": HOME.rpartition("/")[2],
        "url": "https://x.example.org/in",
        "types": ["org.enlace.offer.opened.v1", "org.enlace.offer.accepted.v1"],
        "services": [],
    }


def test_who_sends_the_form_twice_is_told_that_it_was_shown(
    priya: httpx2.Client, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.portal.samples_own.SECRET", None)
    page = priya.post(
        f"{SYSTEM}/webhooks/{FRESH}", data={"url": "https://x.example.org"}, headers=OWN
    )
    assert "It was shown already." in page.text
    assert portal.services.posted


@pytest.mark.parametrize("url", ["", "  ", "https://", "https://" + "x" * 2_000])
def test_an_address_that_lacks_is_said_and_nothing_is_sent(
    url: str, priya: httpx2.Client, portal: Portal
) -> None:
    data = {"url": url, "event": ["opened"]}
    page = priya.post(f"{SYSTEM}/webhooks/{FRESH}", data=data, headers=OWN)
    assert page.status_code == 422
    assert "Write the address of your system" in page.text
    assert re.search(r'value="opened" checked', page.text), "what was chosen stays"
    assert portal.services.posted == []


def test_a_refused_address_says_why_and_keeps_what_was_typed(
    priya: httpx2.Client, portal: Portal
) -> None:
    portal.services.refuse = (422, "not-public")
    data = {"url": "https://10.0.0.1/x"}
    page = priya.post(f"{SYSTEM}/webhooks/{FRESH}", data=data, headers=OWN)
    assert page.status_code == 422
    assert "Nothing was changed: choose another." in page.text
    assert "https://10.0.0.1/x" in page.text


def test_it_is_changed_on_the_version_that_was_seen(priya: httpx2.Client, portal: Portal) -> None:
    form = priya.get(f"{AT}/change").text
    assert 'name="seen" value="3"' in form
    data = {"url": "https://new.example.org/in", "seen": "3"}
    done = priya.post(f"{AT}/change", data=data, headers=OWN)
    assert done.headers["location"] == f"{AT}?done=hook-changed"
    assert portal.services.parts.seen[-1] == (f"/v1/webhooks/{HOOK}", '"3"')
    portal.services.refuse = (412, "stale-version")
    slower = priya.post(f"{AT}/change", data={**data, "seen": "2"}, headers=OWN)
    assert slower.status_code == 412
    assert "Somebody was faster" in slower.text
    assert "https://new.example.org/in" in slower.text
    assert 'name="seen" value="3"' in slower.text


def test_a_fresh_secret_is_made_on_the_version_that_was_seen_and_two_are_live(
    priya: httpx2.Client, portal: Portal
) -> None:
    page = priya.post(f"{AT}/rotate", data={"seen": "3"}, headers=OWN)
    assert SECRET in page.text
    assert "More than one secret signs now" in page.text
    assert portal.services.parts.seen[-1] == (f"/v1/webhooks/{HOOK}/rotate-secret", '"3"')
    portal.services.refuse = (412, "stale-version")
    again = priya.post(f"{AT}/rotate", data={"seen": "3"}, headers=OWN)
    assert again.status_code == 412
    assert SECRET not in again.text


def test_what_was_given_up_says_what_to_do_and_is_sent_what_it_missed(
    priya: httpx2.Client, portal: Portal
) -> None:
    at = f"{SYSTEM}/webhooks/{BROKEN}"
    page = text_of(priya.get(at))
    assert "Switched off after five days" in page
    assert "have what was missed sent" in page
    assert "14 deliveries wait." in page
    portal.services.own.queued = [1_000, 7]
    done = priya.post(f"{at}/enable", data={"missed": "yes"}, headers=OWN)
    assert done.headers["location"] == f"{at}?queued=1007"
    (enabled, first, second) = portal.services.posted[-3:]
    assert enabled == (f"/v1/webhooks/{BROKEN}/enable", {})
    since = sample_hooks()[1]["disabled_at"]
    assert first[1]["since"][:19] == since[:19]
    assert second[1] == {**first[1], "after": 1_000}
    assert "1007 events are on their way." in text_of(priya.get(f"{at}?queued=1007"))
    portal.services.posted.clear()
    assert priya.post(f"{at}/enable", headers=OWN).headers["location"] == f"{at}?done=hook-enabled"
    assert [path for path, _ in portal.services.posted] == [f"/v1/webhooks/{BROKEN}/enable"]


def test_it_is_paused_tried_out_and_deleted(priya: httpx2.Client, portal: Portal) -> None:
    assert priya.post(f"{AT}/pause", headers=OWN).headers["location"] == f"{AT}?done=hook-paused"
    tried = priya.post(f"{AT}/test", headers=OWN)
    assert tried.headers["location"] == f"{AT}/deliveries/{TEST_LINE}"
    gone = priya.post(f"{AT}/delete", headers=OWN)
    assert gone.headers["location"] == f"{SYSTEM}?done=hook-deleted"
    assert portal.services.own.deleted == [HOOK]


def test_the_log_says_what_came_of_each_and_when_the_next_try_is(
    priya: httpx2.Client, portal: Portal
) -> None:
    page = text_of(priya.get(AT))
    assert "Arrived · a school asks" in page
    assert "answered 204" in page
    assert "no answer within 15 seconds · try 3 · next try:" in page
    failed = priya.get(f"{AT}?outcome=failed&cursor=abc")
    assert portal.services.own.queries[-1][1] == {
        "outcome": "failed",
        "cursor": "abc",
        "limit": "20",
    }
    assert "Further back" not in failed.text
    assert "outcome=failed&amp;cursor=next" in priya.get(f"{AT}?outcome=failed").text
    assert "outcome" not in portal.services.own.queries[0][1]


def test_one_delivery_shows_what_was_sent_and_what_came_back_as_text(
    priya: httpx2.Client,
) -> None:
    page = priya.get(f"{AT}/deliveries/{TEST_LINE}").text
    assert "&lt;h1&gt;Internal error&lt;/h1&gt;" in page, "a stranger wrote it"
    assert "/again" not in page, "a test event is sent anew, not again"
    waits = text_of(priya.get(f"{AT}/deliveries/{LOST}"))
    assert "It did not arrive." in waits
    assert "Next try:" in waits
    assert priya.get(f"{AT}/deliveries/{FRESH}").status_code == 404


def test_a_delivery_is_sent_again_under_its_own_id(priya: httpx2.Client, portal: Portal) -> None:
    portal.services.own.queued = [1]
    done = priya.post(f"{AT}/deliveries/{LINE}/again", headers=OWN)
    assert done.headers["location"] == f"{AT}?queued=1"
    assert portal.services.posted[-1] == (
        f"/v1/webhooks/{HOOK}/replay",
        {"event": own_id(150)},
    )
    portal.services.refuse = (409, "endpoint-disabled")
    refused = priya.post(f"{AT}/deliveries/{LINE}/again", headers=OWN)
    assert refused.status_code == 409
    assert "Nothing was changed: choose another." in refused.text


def test_everything_since_a_time_or_one_event_is_sent_again(
    priya: httpx2.Client, portal: Portal
) -> None:
    done = priya.post(f"{AT}/replay", data={"since": "2026-11-20T08:30"}, headers=OWN)
    assert done.headers["location"] == f"{AT}?queued=2"
    assert portal.services.posted[-1][1] == {"since": "2026-11-20T08:30:00-08:00"}
    event = own_id(151)
    priya.post(f"{AT}/replay", data={"event": event.upper()}, headers=OWN)
    assert portal.services.posted[-1][1] == {"event": event}
    portal.services.posted.clear()
    for typed in ({}, {"since": "yesterday"}, {"event": "41"}):
        page = priya.post(f"{AT}/replay", data=typed, headers=OWN)
        assert page.status_code == 422
        assert "Give a day and hour" in page.text
    assert portal.services.posted == []
    portal.services.refuse = (404, "not-found")
    none = priya.post(f"{AT}/replay", data={"event": event}, headers=OWN)
    assert (none.status_code, "No event of the last thirty days" in none.text) == (404, True)


def test_a_key_is_shown_once_with_what_it_may_do(priya: httpx2.Client, portal: Portal) -> None:
    form = priya.get(f"{SYSTEM}/keys/new").text
    (action,) = re.findall(rf'action="({SYSTEM}/keys/[0-9a-f-]+)"', form)
    data = {"name": " Case  system ", "scope": ["capacity", "feed"], "days": "90"}
    made = priya.post(action, data=data, headers=OWN)
    assert NEW_KEY in made.text
    assert portal.services.posted[-1][1] == {
        "agency": HOME.rpartition("/")[2],
        "name": "Case system",
        "scopes": ["feed", "capacity"],
        "days": 90,
    }
    for lacks, said in (
        ({"name": ""}, "Give it a name"),
        ({"scope": []}, "Choose what it may do."),
        ({"days": "91"}, "Choose for how long"),
    ):
        page = priya.post(action, data={**data, **lacks}, headers=OWN)
        assert page.status_code == 422
        assert said in page.text
    assert len(portal.services.posted) == 1


def test_a_key_is_replaced_by_one_that_may_the_same_and_ended(
    priya: httpx2.Client, portal: Portal
) -> None:
    form = priya.get(f"{SYSTEM}/keys/new?replaces={KEY}").text
    assert 'value="Case system"' in form
    assert "works for one day more" in form
    data = {"name": "Case system", "scope": ["feed"], "days": "365", "replaces": KEY}
    priya.post(f"{SYSTEM}/keys/{FRESH}", data=data, headers=OWN)
    assert portal.services.posted[-1][1]["replaces"] == KEY
    ended = priya.post(f"{SYSTEM}/keys/{KEY}/revoke", headers=OWN)
    assert ended.headers["location"] == f"{SYSTEM}?done=key-revoked"
    assert portal.services.posted[-1] == (f"/v1/api-keys/{KEY}/revoke", {})
    assert priya.get(f"{SYSTEM}/keys/new?replaces={FRESH}").status_code == 404
    assert f"replaces={OLD_KEY}" not in priya.get(SYSTEM).text, "it works no longer"


def test_who_only_answers_offers_and_other_agencies_do_not_reach_it(
    anybody: httpx2.Client, portal: Portal
) -> None:
    portal.sign_in(anybody, "counseling-desk")
    assert anybody.get(f"/agency/{COUNSEL}/system").status_code == 403
    for path in (SYSTEM, AT, f"{AT}/deliveries/{LINE}", f"{SYSTEM}/keys/new"):
        assert anybody.get(path).status_code == 404
    for path in (f"{AT}/rotate", f"{AT}/delete", f"{SYSTEM}/keys/{KEY}/revoke"):
        assert anybody.post(path, data={"seen": "3"}, headers=OWN).status_code == 404
    assert portal.services.posted == []
