"""What partner forgets of an erased family: what agencies wrote about its children."""

from contracts.consents import FamilyErased
from services.chassis.auth import ServiceIdentity
from services.chassis.ids import new_id
from tests.partner.district import District


async def test_what_agencies_wrote_is_gone_and_what_was_decided_stays(district: District) -> None:
    smiles, bus = await district.provider("Smiles", seats=1), await district.provider("Bus")
    referral = await district.offer(smiles, bus)
    words = {"reason": "other", "words": "Her brother was here in May"}
    await district.answer(smiles, "decline", words)
    erasure = new_id()

    await district.apply(
        FamilyErased(erasure=erasure, family="fam-1", persons=("stu-1",), referrals=(referral,))
    )

    (row,) = await district.rows("offerings")
    assert {offer["words"] for offer in row["offers"]} == {None}
    assert [offer["state"] for offer in row["offers"]] == ["declined", "open"]
    token = ServiceIdentity("referral", district.service.chassis.settings.keys_dir)
    headers = {"Authorization": f"Bearer {token.token('partner')}"}
    receipt = await district.http.get(f"/v1/erasures/{erasure}", headers=headers)
    unknown = await district.http.get(f"/v1/erasures/{new_id()}", headers=headers)
    assert (receipt.json()["forgotten"], unknown.json()["forgotten"]) == (True, False)
