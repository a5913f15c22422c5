"""Sessions on a real database: what they keep, and until when. All people are invented."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from bson import json_util

from services.chassis.database import Database
from services.portal.sessions import Sessions
from tests.chassis.build import database
from tests.servers import Cell

CLAIMS: dict[str, object] = {
    "sub": "staff-7",
    "name": "Rosa Marcadamente",
    "enlace_roles": ["coordinator:site-01"],
}


@pytest.fixture
async def data(cell: Cell) -> AsyncIterator[Database]:
    async with database(cell, "portal") as opened:
        yield opened


async def test_the_cookie_opens_who_it_is_and_their_token(data: Database) -> None:
    sessions = Sessions(data, timedelta(hours=8))
    key = await sessions.open("a-token", CLAIMS)
    found = await sessions.find(key)
    assert found is not None
    assert (found.person.name, found.token) == ("Rosa Marcadamente", "a-token")
    assert await sessions.find(key[:-1]) is None


async def test_neither_name_nor_token_nor_cookie_stands_in_the_database(data: Database) -> None:
    sessions = Sessions(data, timedelta(hours=8))
    key = await sessions.open("a-token-in-clear", CLAIMS)
    kept = json_util.dumps(await data["sessions"].find({}).to_list())
    for secret in ("Marcadamente", "a-token-in-clear", key):
        assert secret not in kept


async def test_a_session_that_has_ended_opens_nothing_though_its_row_is_there(
    data: Database,
) -> None:
    sessions = Sessions(data, timedelta(seconds=-1))
    key = await sessions.open("a-token", CLAIMS)
    assert await data["sessions"].count_documents({}) == 1
    assert await sessions.find(key) is None


async def test_a_row_of_another_form_asks_to_sign_in_again(data: Database) -> None:
    sessions = Sessions(data, timedelta(hours=8))
    key = await sessions.open("a-token", CLAIMS)
    await data["sessions"].update_many({}, {"$unset": {"sealed": ""}})
    assert await sessions.find(key) is None
