"""The guide for agencies' engineers, run as it stands: from nothing to a verified event."""

import re
from pathlib import Path

from services.partner.subscriptions.model.kinds import Kind
from tests.partner.guides import GUIDES, blocks, follow, free_port
from tests.partner.subscriptions.subscribed import Subscribed

GUIDE = "README.md"


async def test_the_guide_leads_to_a_verified_event(district: Subscribed, tmp_path: Path) -> None:
    smiles = await district.provider("Smiles", seats=2)
    own = await district.key(smiles, "feed", "webhooks", "capacity")
    key = own["Authorization"].removeprefix("Bearer ")
    await district.offer(smiles)
    await district.pump()
    for each in blocks(GUIDE):
        if each.language == "python":
            assert len([line for line in each.text.splitlines() if line]) <= 20
    given = {"KEY": key, "PORT": str(free_port())}
    told = await follow(district, GUIDE, tmp_path, given, steps=6)
    assert "verified org.enlace.test.v1" in told
    assert '"outcome":"delivered"' in told
    assert told.count('"type":"org.enlace.offer.opened.v1"') == 2
    assert '"maximum":6,"available":4' in told


def test_the_guide_names_every_type_there_is_and_no_other() -> None:
    text = (GUIDES / GUIDE).read_text()
    named = re.findall(r"^\| `(org\.enlace\.offer\.[\w.-]+)` \|", text, re.MULTILINE)
    assert named == [each.value for each in Kind]
