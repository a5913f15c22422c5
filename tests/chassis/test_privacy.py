"""Field encryption: destroying a person's key makes every copy of theirs unreadable."""

import os

import pytest
from pymongo.errors import PyMongoError

from contracts.codes import Language, Relation
from contracts.people import Profile
from contracts.sealed import Sealed
from services.chassis.database import Database, is_passing
from services.chassis.errors import EnlaceError
from services.chassis.privacy import KeyGoneError, Vault, WrongRootKeyError
from tests.chassis.build import database
from tests.chassis.proxy import proxied
from tests.servers import Cell

ROOT = os.urandom(96)
PROFILE = Profile(given_name="Invented Person", relation=Relation.MOTHER, reads=Language.SPANISH)


async def opened(data: Database, root: bytes = ROOT) -> Vault:
    vault = Vault(data.client, f"{data.name}_keys", root)
    await vault.prepare()
    return vault


async def test_what_was_sealed_opens_again_and_shows_nothing_until_then(cell: Cell) -> None:
    async with database(cell) as data:
        vault = await opened(data)
        await vault.create_key("p1")
        sealed = await vault.seal("p1", PROFILE)
        assert "Invented" not in sealed
        assert b"Invented" not in sealed.ciphertext()
        assert await vault.open_as(Profile, sealed) == PROFILE
        assert await vault.open(await vault.seal("p1", "¿Mañana a las 3?")) == "¿Mañana a las 3?"
        await vault.close()


async def test_another_root_key_is_refused_at_the_start(cell: Cell) -> None:
    async with database(cell) as data:
        owner = await opened(data)
        stranger = Vault(data.client, f"{data.name}_keys", os.urandom(96))
        for start in (stranger.prepare, stranger.check):
            with pytest.raises(WrongRootKeyError, match="own root key back"):
                await start()
        await owner.check()
        await stranger.close()
        await owner.close()


async def test_equal_values_do_not_look_equal(cell: Cell) -> None:
    async with database(cell) as data:
        vault = await opened(data)
        await vault.create_key("p1")
        assert await vault.seal("p1", "same") != await vault.seal("p1", "same")
        await vault.close()


async def test_after_its_key_was_destroyed_nothing_of_the_person_can_be_read(cell: Cell) -> None:
    async with database(cell) as data, database(cell) as other:
        vault = await opened(data)
        for person in ("gone", "stays"):
            await vault.create_key(person)
        sealed = {person: await vault.seal(person, "x") for person in ("gone", "stays")}
        assert await vault.destroy_key("gone")
        assert not await vault.destroy_key("gone")

        fresh = await opened(other)  # a client keeps keys for a minute
        with pytest.raises(KeyGoneError):
            await fresh.open(sealed["gone"])
        with pytest.raises(KeyGoneError):
            await fresh.seal("gone", "again")
        assert await fresh.open(sealed["stays"]) == "x"
        await vault.close()
        await fresh.close()


async def test_a_key_made_anew_does_not_bring_back_what_was_erased(cell: Cell) -> None:
    async with database(cell) as data, database(cell) as other:
        vault = await opened(data)
        await vault.create_key("p1")
        sealed = await vault.seal("p1", "x")
        await vault.destroy_key("p1")
        await vault.create_key("p1")
        fresh = await opened(other)
        with pytest.raises(KeyGoneError):
            await fresh.open(sealed)
        await vault.close()
        await fresh.close()


async def test_making_a_key_twice_keeps_the_first(cell: Cell) -> None:
    async with database(cell) as data:
        vault = await opened(data)
        await vault.create_key("p1")
        sealed = await vault.seal("p1", "x")
        await vault.create_key("p1")
        assert await vault.open(sealed) == "x"
        assert await data.client[f"{data.name}_keys"]["keys"].count_documents({}) == 1
        await vault.close()


async def test_another_root_key_opens_nothing(cell: Cell) -> None:
    async with database(cell) as data, database(cell) as other:
        vault = await opened(data)
        await vault.create_key("p1")
        sealed = await vault.seal("p1", "x")
        stranger = Vault(other.client, f"{other.name}_keys", os.urandom(96))
        with pytest.raises(KeyGoneError):
            await stranger.open(sealed)
        await vault.close()
        await stranger.close()


async def test_a_vault_that_is_away_is_never_taken_for_a_person_who_was_erased(
    cell: Cell,
) -> None:
    async with proxied(cell.mongo_uri) as (proxy, uri), database(cell, uri=uri) as data:
        vault = await opened(data)
        await vault.create_key("p1")
        sealed = await vault.seal("p1", "x")
        fresh = await opened(data)  # has kept no key
        proxy.cut()
        for call in (fresh.open(sealed), fresh.seal("p1", "y")):
            with pytest.raises(PyMongoError) as away:
                await call
            assert is_passing(away.value)
        proxy.mend()
        await vault.close()
        await fresh.close()


async def test_the_vault_is_refused_inside_a_transaction(cell: Cell) -> None:
    async with database(cell) as data:
        vault = await opened(data)
        await vault.create_key("p1")

        async def inside() -> None:
            await vault.seal("p1", "x")

        with pytest.raises(RuntimeError, match="before the transaction"):
            await data.transact(inside)
        await vault.close()


async def test_ciphertext_of_nobody_cannot_be_opened(cell: Cell) -> None:
    async with database(cell) as data:
        vault = await opened(data)
        for nonsense in (Sealed("bm9ib2R5"), Sealed("not base64 at all"), Sealed("")):
            with pytest.raises(KeyGoneError):
                await vault.open(nonsense)
        await vault.close()


async def test_a_value_of_another_kind_is_told_without_its_content(cell: Cell) -> None:
    async with database(cell) as data:
        vault = await opened(data)
        await vault.create_key("p1")
        sealed = await vault.seal("p1", '{"given_name": "Invented Person"}')
        with pytest.raises(EnlaceError) as refused:
            await vault.open_as(Profile, sealed)
        assert "Invented" not in str(refused.value)
        await vault.close()


async def test_a_root_key_of_another_length_is_refused(cell: Cell) -> None:
    async with database(cell) as data:
        with pytest.raises(ValueError, match="96 bytes"):
            Vault(data.client, "keys", b"short")
