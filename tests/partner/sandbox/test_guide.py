"""The guide to the sandbox, run as it stands: from a key to an invented child that is accepted."""

import json
from pathlib import Path

from services.partner.sandbox.model import Says
from tests.partner.guides import GUIDES, follow
from tests.partner.subscriptions.subscribed import Subscribed, kinds

GUIDE = "sandbox.md"


async def test_the_guide_leads_to_an_invented_child_that_is_accepted(
    district: Subscribed, tmp_path: Path
) -> None:
    smiles = await district.provider("Smiles")
    key = (await district.key(smiles, "keys"))["Authorization"].removeprefix("Bearer ")
    given = {"KEY": key, "SERVICE": smiles.service}
    told = await follow(district, GUIDE, tmp_path, given, steps=4)
    feed = json.loads(told[told.rindex('{"items"') :])
    assert kinds(feed["items"]) == ["opened", "claimed", "awaiting-consent", "accepted"]


def test_the_guide_names_all_that_the_school_says() -> None:
    text = (GUIDES / GUIDE).read_text()
    assert all(f"`{each}`" in text for each in Says)
