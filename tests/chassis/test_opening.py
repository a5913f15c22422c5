"""Many sealed values opened at once, on a real key vault."""

from collections.abc import AsyncIterator

import pytest

from contracts.sealed import Sealed
from services.chassis.database import connect
from services.chassis.opening import GROUP
from services.chassis.privacy import ROOT_KEY_BYTES, Vault
from tests.servers import Cell


@pytest.fixture
async def vault(cell: Cell) -> AsyncIterator[Vault]:
    client = connect(cell.mongo_uri, app="test")
    vault = Vault(client, f"{cell.database_prefix}keys", b"r" * ROOT_KEY_BYTES)
    await vault.prepare()
    yield vault
    await vault.close()
    await client.close()


async def sealed_for(vault: Vault, *persons: str) -> list[Sealed]:
    for person in persons:
        await vault.create_key(person)
    return [await vault.seal(person, f"nombre de {person}") for person in persons]


async def test_many_values_open_in_their_order(vault: Vault) -> None:
    persons = [f"p{n}" for n in range(GROUP + 3)]
    sealed = await sealed_for(vault, *persons)
    assert await vault.open_many(sealed) == [f"nombre de {person}" for person in persons]
    assert await vault.open_many([]) == []


async def test_an_erasure_shows_at_once_and_the_others_stay(vault: Vault) -> None:
    ana, eva, luz = await sealed_for(vault, "ana", "eva", "luz")
    assert await vault.open_many([eva]) == ["nombre de eva"]
    await vault.destroy_key("eva")
    assert await vault.open_many([ana, eva, luz]) == ["nombre de ana", None, "nombre de luz"]
    assert await vault.having_keys(["ana", "eva", "luz", "nobody"]) == {"ana", "luz"}


async def test_a_spoilt_value_does_not_cost_the_others(vault: Vault) -> None:
    ana, eva = await sealed_for(vault, "ana", "eva")
    raw = eva.ciphertext()
    spoilt = Sealed.of(raw[:-1] + bytes([raw[-1] ^ 1]))
    short = Sealed.of(b"x")
    assert await vault.open_many([spoilt, ana, short]) == [None, "nombre de ana", None]


async def test_two_values_of_one_person_are_two(vault: Vault) -> None:
    await vault.create_key("ana")
    both = [await vault.seal("ana", text) for text in ("uno", "dos")]
    assert await vault.open_many(both) == ["uno", "dos"]
