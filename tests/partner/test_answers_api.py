"""Agencies' answers and what referral says to them, over HTTP on a real database."""

from datetime import timedelta
from typing import Any

import pytest

from services.chassis.ids import new_id
from tests.partner.build import NOW
from tests.partner.district import District, Provider


class TestAnswers:
    async def test_the_first_yes_wins_and_the_other_is_told(self, district: District) -> None:
        smiles = await district.provider("Smiles", seats=1)
        bus = await district.provider("Bus", seats=5)
        referral = await district.offer(smiles, bus)
        shown = await district.show(smiles)
        assert shown["state"] == "open"
        assert shown["next_actions"] == ["claim", "decline", "question", "seats"]
        assert referral not in repr(shown)
        card = await district.answer(smiles, "claim")
        assert (card["state"], card["claim_state"], card["seats"]["available"]) == (
            "claimed",
            "pending",
            0,
        )
        assert (await district.answer(smiles, "claim"))["state"] == "claimed"
        late = await district.post(bus, "claim")
        assert (late.status_code, late.json()["type"].rsplit("/")[-1]) == (409, "taken")
        assert (await district.show(bus))["state"] == "taken"
        assert len(await district.told("OfferClaimed")) == 1
        withdrawn = await district.told("OfferWithdrawn")
        assert [each.agency for each in withdrawn] == [bus.agency]

    async def test_the_help_runs_its_course(self, district: District) -> None:
        smiles = await district.provider("Smiles", seats=1)
        referral = await district.offer(smiles)
        await district.answer(smiles, "claim")
        early = await district.post(smiles, "progress", {"progress": "started"})
        assert early.json()["type"].endswith("not-confirmed")
        claim = await district.accept(referral)
        card = await district.show(smiles)
        assert (card["state"], card["claim_state"]) == ("accepted", "accepted")
        date = "2026-10-20T17:00:00Z"
        # Finer than the database keeps; said twice, it is told once.
        fine = {"progress": "scheduled", "appointment": "2026-10-20T17:00:00.000123Z"}
        first = await district.answer(smiles, "progress", fine)
        assert (await district.answer(smiles, "progress", fine))["version"] == first["version"]
        began = await district.answer(smiles, "progress", {"progress": "started"})
        # A repeat of it that was under way all the time comes after what was told since.
        assert (await district.answer(smiles, "progress", fine))["version"] == began["version"]
        done = {"progress": "completed", "outcome": "need-met"}
        card = await district.answer(smiles, "progress", done)
        assert (card["state"], card["appointment"]) == ("completed", date)
        assert (await district.answer(smiles, "progress", done))["version"] == card["version"]
        again = await district.post(smiles, "progress", {"progress": "started"})
        assert again.json()["type"].endswith("already-ended")
        reports = await district.told("ProgressReported")
        assert [each.progress for each in reports] == ["scheduled", "started", "completed"]
        assert {each.claim for each in reports} == {claim}
        assert (await district.show(smiles))["seats"]["available"] == 0
        await district.happened(referral, "ReferralCompleted", claim=claim, outcome="need-met")
        assert (await district.show(smiles))["seats"]["available"] == 1

    async def test_an_end_without_the_help_is_no_completed_one(self, district: District) -> None:
        smiles = await district.provider("Smiles", seats=1)
        referral = await district.offer(smiles)
        await district.answer(smiles, "claim")
        claim = await district.accept(referral)
        done = {"progress": "completed", "outcome": "client-declined"}
        card = await district.answer(smiles, "progress", done)
        assert (card["state"], card["progress"]) == ("failed", "failed")
        assert (await district.answer(smiles, "progress", done))["version"] == card["version"]
        same = {"progress": "failed", "outcome": "client-declined"}
        assert (await district.answer(smiles, "progress", same))["version"] == card["version"]
        (report,) = await district.told("ProgressReported")
        assert (report.progress, report.outcome) == ("failed", "client-declined")
        await district.happened(referral, "ReferralFailed", claim=claim, outcome="client-declined")
        assert (await district.show(smiles))["seats"]["available"] == 1
        (stored,) = await district.rows("offerings")
        assert stored["claims"][0]["completed_at"] is None, "no number counts it as done"

    @pytest.mark.parametrize(
        ("said", "way_out"),
        [
            ({"progress": "failed"}, "write why it ended"),
            ({"progress": "failed", "outcome": "need-met"}, "send it with completed"),
            ({"progress": "no-show", "outcome": "partly-met"}, "send it with completed"),
            ({"progress": "no-show", "outcome": "client-declined"}, "or send failed"),
            ({"progress": "started", "outcome": "other"}, "with completed or failed"),
        ],
    )
    async def test_an_end_that_contradicts_itself_is_refused_with_the_way_out(
        self, district: District, said: dict[str, str], way_out: str
    ) -> None:
        smiles = await district.provider("Smiles", seats=1)
        referral = await district.offer(smiles)
        await district.answer(smiles, "claim")
        await district.accept(referral)
        refused = await district.post(smiles, "progress", said)
        assert refused.status_code == 422
        assert way_out in refused.text
        assert await district.told("ProgressReported") == []

    async def test_no_seat_then_the_waitlist_then_a_seat_that_is_told(
        self, district: District
    ) -> None:
        smiles = await district.provider("Smiles", seats=0)
        await district.offer(smiles)
        assert (await district.show(smiles))["next_actions"] == [
            "waitlist",
            "decline",
            "question",
            "seats",
        ]
        refused = await district.post(smiles, "claim")
        assert refused.json()["type"].endswith("no-seat")
        card = await district.answer(smiles, "waitlist")
        assert card["state"] == "waitlisted"
        seats = {"available": 1, "version": card["seats"]["version"]}
        card = await district.answer(smiles, "seats", seats)
        assert (card["state"], card["seats"]["available"]) == ("claimed", 0)
        assert len(await district.told("OfferPromoted")) == 1

    async def test_a_freed_seat_goes_to_the_one_who_waits_longest(self, district: District) -> None:
        smiles = await district.provider("Smiles", seats=1)
        first = await district.offer(smiles)
        await district.answer(smiles, "claim")
        claim = await district.accept(first)
        waiting = []
        for _ in range(2):
            await district.offer(smiles)
            district.clock.advance(timedelta(minutes=5))
            await district.answer(smiles, "waitlist")
            waiting.append(district.offers[smiles.agency].offer)
        await district.happened(first, "ReferralFailed", claim=claim, outcome="no-show")
        promoted = await district.told("OfferPromoted")
        assert [each.offer for each in promoted] == waiting[:1]
        seats = (await district.told("PartnerCapacityChanged"))[-1]
        assert (seats.available, seats.held, seats.waitlisted) == (0, 1, 1)

    async def test_the_last_no_says_that_nobody_is_left(self, district: District) -> None:
        smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
        referral = await district.offer(smiles, bus)
        await district.answer(smiles, "decline", {"reason": "no-capacity"})
        other = {"reason": "other", "words": "Marked words"}
        assert (await district.answer(bus, "decline", other))["state"] == "declined"
        assert (await district.post(bus, "claim")).json()["type"].endswith("offer-closed")
        assert [each.last for each in await district.told("OfferDeclined")] == [False, True]
        assert "Marked" not in repr(await district.rows("offerings"))
        path = f"/v1/offerings/{referral}"
        offers = (await district.get(path)).json()["offers"]
        assert [each["words"] for each in offers] == [None, "Marked words"]
        assert (await district.get(path, "denise")).status_code == 404

    async def test_other_reasons_need_words(self, district: District) -> None:
        smiles = await district.provider("Smiles")
        await district.offer(smiles)
        assert (await district.post(smiles, "decline", {"reason": "other"})).status_code == 422

    async def test_nobody_answers_in_time(self, district: District) -> None:
        smiles = await district.provider("Smiles", seats=1)
        await district.offer(smiles)
        district.clock.advance(timedelta(days=3))
        assert (await district.show(smiles))["state"] == "expired"
        assert (await district.post(smiles, "claim")).json()["type"].endswith("offer-closed")
        assert await district.sweep() == 1
        assert await district.sweep() == 0
        assert len(await district.told("OfferingExpired")) == 1
        assert (await district.show(smiles))["next_actions"] == []

    async def test_a_link_that_is_none_opens_nothing(self, district: District) -> None:
        smiles = await district.provider("Smiles")
        referral = await district.offer(smiles)
        headers = {"X-Enlace-Link": "A" * 22}
        unknown = await district.http.get("/v1/answers", headers=headers)
        assert unknown.status_code == 404
        offer = district.offers[smiles.agency].offer
        path = f"/v1/offerings/{referral}/offers/{offer}/revoke-links"
        revoked = await district.http.post(path, headers=district.service.as_("rosa"))
        assert revoked.json() == {"revoked": 1}
        assert (await district.shown(smiles)).status_code == 404

    async def test_the_link_of_somebody_who_has_left_the_agency_opens_nothing(
        self, district: District
    ) -> None:
        smiles = await district.provider("Smiles")
        await district.offer(smiles)
        assert (await district.shown(smiles)).status_code == 200
        body = {"name": "Smiles", "contacts": []}
        left = await district.put(f"/v1/agencies/{smiles.agency}", body, if_match='"1"')
        assert left.status_code == 200, left.text
        assert (await district.shown(smiles)).status_code == 404

    async def test_a_link_ends_with_its_time(self, district: District) -> None:
        smiles = await district.provider("Smiles")
        await district.offer(smiles)
        district.clock.advance(timedelta(days=181))
        assert (await district.shown(smiles)).status_code == 404


class TestIdentity:
    async def test_the_code_from_the_message_opens_who_it_is_once(self, district: District) -> None:
        smiles = await district.provider("Smiles", seats=1)
        referral = await district.offer(smiles)
        await district.answer(smiles, "claim")
        assert (await district.post(smiles, "code")).json()["type"].endswith("not-confirmed")
        claim = await district.accept(referral)
        assert (await district.post(smiles, "code")).json() == {"expires_in": 600}
        code = await district.code_of(smiles)
        assert (await district.post(smiles, "code")).status_code == 202
        assert len(await district.told("IdentityCodeRequested")) == 1
        found = await district.post(smiles, "identity-token", {"code": code})
        assert found.json()["referral"] == referral
        claims = district.read_token(found.json()["token"])
        assert (claims["referral"], claims["claim"], claims["agency"]) == (
            referral,
            claim,
            smiles.agency,
        )
        assert claims["meets"] == "dental", "what its service is for, as the directory says"
        again = await district.post(smiles, "identity-token", {"code": code})
        assert again.json()["type"].endswith("code-dead")

    async def test_five_wrong_tries_kill_the_code(self, district: District) -> None:
        smiles = await district.provider("Smiles", seats=1)
        referral = await district.offer(smiles)
        await district.answer(smiles, "claim")
        await district.accept(referral)
        await district.post(smiles, "code")
        code = await district.code_of(smiles)
        wrong = f"{(int(code) + 1) % 10**6:06d}"
        for _ in range(5):
            refused = await district.post(smiles, "identity-token", {"code": wrong})
            assert refused.json()["type"].endswith("code-wrong")
        dead = await district.post(smiles, "identity-token", {"code": code})
        assert dead.json()["type"].endswith("code-dead")

    async def test_a_code_is_old_after_ten_minutes(self, district: District) -> None:
        smiles = await district.provider("Smiles", seats=1)
        referral = await district.offer(smiles)
        await district.answer(smiles, "claim")
        await district.accept(referral)
        await district.post(smiles, "code")
        code = await district.code_of(smiles)
        district.clock.advance(timedelta(minutes=11))
        dead = await district.post(smiles, "identity-token", {"code": code})
        assert dead.json()["type"].endswith("code-dead")


class TestReferralAnswers:
    async def test_a_refused_claim_frees_its_seat_once(self, district: District) -> None:
        smiles = await district.provider("Smiles", seats=1)
        referral = await district.offer(smiles)
        await district.answer(smiles, "claim")
        claim = (await district.told("OfferClaimed"))[-1].claim
        for _ in range(2):
            await district.happened(
                referral, "ReferralClaimRefused", claim=claim, reason="older-round"
            )
        card = await district.show(smiles)
        assert (card["state"], card["claim_state"], card["seats"]["available"]) == (
            "withdrawn",
            "refused",
            1,
        )

    async def test_a_seat_is_kept_while_consent_is_missing(self, district: District) -> None:
        smiles = await district.provider("Smiles", seats=1)
        referral = await district.offer(smiles)
        await district.answer(smiles, "claim")
        claim = (await district.told("OfferClaimed"))[-1].claim
        await district.happened(
            referral,
            "ReferralAwaitingConsent",
            claim=claim,
            service=smiles.service,
            agency=smiles.agency,
            held_until=NOW + timedelta(days=3),
        )
        card = await district.show(smiles)
        assert (card["claim_state"], card["seats"]["available"]) == ("awaiting-consent", 0)
        assert (await district.post(smiles, "code")).json()["type"].endswith("not-confirmed")

    async def test_a_cancelled_referral_asks_nobody_any_more(self, district: District) -> None:
        smiles = await district.provider("Smiles", seats=1)
        referral = await district.offer(smiles)
        await district.answer(smiles, "claim")
        await district.accept(referral)
        await district.happened(referral, "ReferralCancelled", reason="moved-away")
        card = await district.show(smiles)
        assert (card["state"], card["seats"]["available"]) == ("withdrawn", 1)
        assert [each.reason for each in await district.told("OfferWithdrawn")] == ["cancelled"]

    @pytest.mark.parametrize(
        ("kind", "fields"), [("ReferralRecalled", {"round": 1}), ("ReferralEnteredInError", {})]
    )
    async def test_so_does_one_that_was_undone_or_should_never_have_been(
        self, district: District, kind: str, fields: dict[str, Any]
    ) -> None:
        smiles = await district.provider("Smiles", seats=1)
        referral = await district.offer(smiles)
        await district.answer(smiles, "claim")
        await district.happened(referral, kind, **fields)
        card = await district.show(smiles)
        assert (card["state"], card["seats"]["available"]) == ("withdrawn", 1)

    async def test_a_child_that_moved_is_seen_by_the_new_school_and_the_old_one_no_more(
        self, district: District
    ) -> None:
        smiles = await district.provider("Smiles")
        referral = await district.offer(smiles)
        path = f"/v1/offerings/{referral}"
        assert (await district.get(path, "denise")).status_code == 404
        await district.happened(
            referral, "ReferralTransferred", site="site-02", coordinator="denise"
        )
        assert (await district.get(path, "denise")).status_code == 200
        assert (await district.get(path, "rosa")).status_code == 404

    async def test_a_newer_round_replaces_the_older(self, district: District) -> None:
        smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
        referral = await district.offer(smiles)
        older = district.offers[smiles.agency]
        await district.offer(bus, referral=referral, round=2)
        assert (await district.show(smiles))["state"] == "withdrawn"
        assert (await district.show(bus))["state"] == "open"
        await district.offer(smiles, referral=referral, round=2, expect_open=False)
        assert district.offers[smiles.agency] == older

    async def test_who_cannot_be_asked_is_declined_at_once(self, district: District) -> None:
        lapsed = await district.provider("Lapsed", status="ended")
        unknown = Provider("Unknown", new_id(), new_id(), "")
        await district.offer(lapsed, unknown, expect_open=False)
        declined = await district.told("OfferDeclined")
        assert [(each.agency, each.reason, each.last) for each in declined] == [
            (lapsed.agency, "other", False),
            (unknown.agency, "service-not-provided", True),
        ]
        assert await district.told("OfferingOpened") == []

    async def test_an_event_on_what_is_not_known_changes_nothing(self, district: District) -> None:
        await district.happened(new_id(), "ReferralCancelled", reason="other")
        await district.happened(new_id(), "ReferralClaimRefused", claim="c", reason="taken")
        assert await district.rows("event_log") == []
