"""The whole service over HTTP and events, on a real database: set up, offer, answer, help."""

from datetime import timedelta

from contracts.codes import AgreementStatus
from services.chassis.ids import new_id
from tests.partner.build import NOW
from tests.partner.district import District, Provider


class TestAgencies:
    async def test_a_repeat_is_the_same_answer_and_another_body_is_refused(
        self, district: District
    ) -> None:
        id, body = new_id(), {"name": "Smiles"}
        first = await district.put(f"/v1/agencies/{id}", body)
        assert (first.status_code, first.json()["version"]) == (200, 1)
        again = await district.put(f"/v1/agencies/{id}", body)
        assert (again.status_code, again.json()["version"]) == (200, 1)
        other = await district.put(f"/v1/agencies/{id}", {"name": "Frowns"})
        assert (other.status_code, other.json()["type"].rsplit("/")[-1]) == (409, "id-taken")

    async def test_a_replacement_needs_the_version_seen(self, district: District) -> None:
        id = new_id()
        await district.put(f"/v1/agencies/{id}", {"name": "Smiles"})
        fresh = await district.put(f"/v1/agencies/{id}", {"name": "Smiles II"}, if_match='"1"')
        assert (fresh.status_code, fresh.headers["etag"]) == (200, '"2"')
        late = await district.put(f"/v1/agencies/{id}", {"name": "Smiles III"}, if_match='"1"')
        assert late.status_code == 412

    async def test_a_late_repeat_of_the_first_body_undoes_nothing(self, district: District) -> None:
        smiles = await district.provider("Smiles", seats=3)
        path = f"/v1/agencies/{new_id()}"
        await district.put(path, {"name": "First"})
        await district.put(path, {"name": "Second"}, if_match='"1"')
        late = await district.put(path, {"name": "First"})
        assert (late.status_code, late.json()["name"]) == (200, "Second")
        path = f"/v1/capacities/{smiles.service}/site-01"
        first = {"unit": "seats", "maximum": 3, "available": 3}
        told = await district.put(path, {**first, "available": 1}, if_match='"1"')
        assert (told.status_code, told.json()["available"]) == (200, 1)
        late = await district.put(path, first)
        assert (late.status_code, late.json()["available"]) == (200, 1)
        other = await district.put(path, {**first, "available": 2})
        assert other.json()["type"].endswith("seats-known")

    async def test_people_are_sealed_everywhere_but_in_the_answer_to_staff(
        self, district: District
    ) -> None:
        smiles = await district.provider("Smiles")
        shown = await district.get(f"/v1/agencies/{smiles.agency}")
        assert shown.json()["contacts"][0]["name"] == "Marked Person"
        for row in await district.rows("agencies"), await district.rows("event_log"):
            assert "Marked" not in repr(row)
            assert "marked@" not in repr(row)

    async def test_an_agency_sees_itself_alone(self, district: District) -> None:
        smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
        district.as_agency(smiles.agency)
        assert (await district.get(f"/v1/agencies/{smiles.agency}", "agent")).status_code == 200
        assert (await district.get(f"/v1/agencies/{bus.agency}", "agent")).status_code == 404
        listed = (await district.get("/v1/services", "agent")).json()["items"]
        assert [each["id"] for each in listed] == [smiles.service]

    async def test_names_are_found_without_accents_and_paged(self, district: District) -> None:
        for name in ("Ñandú", "Niños Primero", "Zeta"):
            await district.put(f"/v1/agencies/{new_id()}", {"name": name})
        found = (await district.get("/v1/agencies?q=ninos")).json()["items"]
        assert [each["name"] for each in found] == ["Niños Primero"]
        first = (await district.get("/v1/agencies?limit=2")).json()
        rest = (await district.get(f"/v1/agencies?limit=2&cursor={first['next']}")).json()
        names = [each["name"] for each in first["items"] + rest["items"]]
        assert names == ["Ñandú", "Niños Primero", "Zeta"]
        assert rest["next"] is None

    async def test_leadership_and_strangers_may_not_look(self, district: District) -> None:
        assert (await district.get("/v1/agencies", "lead")).status_code == 403
        assert (await district.http.get("/v1/agencies")).status_code == 401


class TestAgreements:
    async def test_it_expires_by_itself(self, district: District) -> None:
        smiles = await district.provider("Smiles", until="2026-12-31")
        path = f"/v1/agreements/{smiles.agreement}"
        assert (await district.get(path)).json()["status"] == "active"
        district.clock.advance(timedelta(days=30))
        assert await district.sweep() == 1
        assert (await district.get(path)).json()["status"] == "expiring"
        district.clock.advance(timedelta(days=50))
        assert await district.sweep() == 1
        shown = (await district.get(path)).json()
        assert (shown["status"], shown["live"]) == ("expired", False)
        assert await district.sweep() == 0
        told = [each.status for each in await district.told("AgreementChanged")]
        assert told == [
            AgreementStatus.ACTIVE,
            AgreementStatus.EXPIRING,
            AgreementStatus.EXPIRED,
        ]

    async def test_a_coordinator_signs_for_her_own_schools_only(self, district: District) -> None:
        smiles = await district.provider("Smiles")
        body = {"agency": smiles.agency, "status": "active", "from": "2026-08-01"}
        theirs = await district.put(
            f"/v1/agreements/{new_id()}", {**body, "sites": ["site-01", "site-02"]}, "rosa"
        )
        assert theirs.status_code == 404


class TestMatches:
    async def test_services_are_ranked_with_reasons(self, district: District) -> None:
        full = await district.provider("Full", seats=0)
        free = await district.provider("Free", seats=3, languages=["es"])
        found = (await district.get("/v1/matches?category=dental&site=site-01&language=es")).json()
        assert [each["service"] for each in found["matches"]] == [free.service, full.service]
        best = found["matches"][0]
        assert (best["seats"], best["stale"]) == (3, False)
        assert [each["code"] for each in best["reasons"]] == ["seats-free", "language-spoken"]
        assert best["reasons"][0]["es"] == "3 lugares libres"

    async def test_without_a_live_agreement_nobody_is_asked(self, district: District) -> None:
        await district.provider("Draft", status="draft")
        found = (await district.get("/v1/matches?category=dental&site=site-01")).json()
        assert found["matches"] == []
        assert found["excluded"][0]["reasons"][0]["code"] == "no-agreement"

    async def test_old_figures_say_so(self, district: District) -> None:
        await district.provider("Smiles", seats=2)
        district.clock.advance(timedelta(days=20))
        found = (await district.get("/v1/matches?category=dental&site=site-01")).json()
        assert found["matches"][0]["stale"] is True
        assert "seats-old" in [each["code"] for each in found["matches"][0]["reasons"]]


class TestAnswers:
    async def test_the_first_yes_wins_and_the_other_is_told(self, district: District) -> None:
        smiles = await district.provider("Smiles", seats=1)
        bus = await district.provider("Bus", seats=5)
        referral = await district.offer(smiles, bus)
        shown = await district.show(smiles)
        assert shown["state"] == "open"
        assert shown["next_actions"] == ["claim", "decline", "seats"]
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
        await district.answer(smiles, "progress", {"progress": "started"})
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

    async def test_no_seat_then_the_waitlist_then_a_seat_that_is_told(
        self, district: District
    ) -> None:
        smiles = await district.provider("Smiles", seats=0)
        await district.offer(smiles)
        assert (await district.show(smiles))["next_actions"] == ["waitlist", "decline", "seats"]
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
