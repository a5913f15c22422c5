"""The whole service over HTTP and events, on a real database: set up, offer, answer, help."""

from datetime import timedelta

from contracts.codes import AgreementStatus
from services.chassis.ids import new_id
from tests.partner.district import District


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
