"""Keys made and values sealed for many persons at once, on a real key vault."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import BaseModel

from services.chassis.database import connect
from services.chassis.opening import GROUP
from services.chassis.privacy import ROOT_KEY_BYTES, Vault
from tests.servers import Cell


class Card(BaseModel):
    name: str
    note: str | None = None


@pytest.fixture
async def vault(cell: Cell) -> AsyncIterator[Vault]:
    client = connect(cell.mongo_uri, app="test")
    vault = Vault(client, f"{cell.database_prefix}keys", b"r" * ROOT_KEY_BYTES)
    await vault.prepare()
    yield vault
    await vault.close()
    await client.close()


async def test_what_was_sealed_together_opens_one_by_one_and_together(vault: Vault) -> None:
    persons = [f"p{n}" for n in range(GROUP + 3)]
    await vault.create_keys(persons)

    sealed = await vault.seal_many([(person, Card(name=person)) for person in persons])

    assert None not in sealed
    there = [each for each in sealed if each is not None]
    assert await vault.open_as(Card, there[-1]) == Card(name=persons[-1])
    assert await vault.open_many(there) == [f'{{"name":"{person}"}}' for person in persons]


async def test_each_value_is_under_its_own_persons_key(vault: Vault) -> None:
    await vault.create_keys(["ana", "eva"])
    ana, again, eva = await vault.seal_many([("ana", "uno"), ("ana", "dos"), ("eva", "tres")])
    assert ana is not None
    assert again is not None
    assert eva is not None

    await vault.destroy_key("ana")

    assert await vault.open_many([ana, again, eva]) == [None, None, "tres"]


async def test_a_key_that_is_there_stays(vault: Vault) -> None:
    await vault.create_key("ana")
    before = await vault.seal("ana", "uno")

    await vault.create_keys(["ana", "ana", "eva"])

    assert await vault.open(before) == "uno"


async def test_two_who_make_the_same_keys_at_once_share_them(vault: Vault) -> None:
    persons = [f"p{n}" for n in range(40)]

    await asyncio.gather(vault.create_keys(persons), vault.create_keys(persons[::-1]))

    assert await vault.having_keys(persons) == set(persons)
    assert None not in await vault.seal_many([(person, "x") for person in persons])


async def test_nothing_is_sealed_for_who_has_no_key(vault: Vault) -> None:
    await vault.create_keys(["ana"])
    first, second = await vault.seal_many([("nobody", "x"), ("ana", "y")])
    assert first is None
    assert second is not None
    assert await vault.seal_many([]) == []
