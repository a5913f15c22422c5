"""The local MongoDB: access control, and data that survives a crash."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.local.servers import ports
from deploy.local.servers.errors import PortInUseError, ServerError
from deploy.local.servers.mongod import MongoServer, ensure_service_user


def _client(uri: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(uri, serverSelectionTimeoutMS=10_000)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    mongo = MongoServer(tmp_path_factory.mktemp("mongo"), ports.free_port(), cache_gb=0.25)
    mongo.start()
    yield mongo
    mongo.stop()


def test_data_survives_a_kill_and_a_stop(server: MongoServer) -> None:
    with _client(server.admin_uri) as client:
        client["kept"]["people"].insert_one({"_id": 1})

    first = server.pid
    server.kill()
    assert server.pid is None
    assert (server.home / "data" / "mongod.lock").read_text()  # stale: names the killed process
    server.start()
    assert server.pid != first
    server.stop()
    server.start()

    with _client(server.admin_uri) as client:
        assert client["kept"]["people"].find_one() == {"_id": 1}


def test_a_folder_can_be_served_on_another_port(server: MongoServer) -> None:
    with _client(server.admin_uri) as client:
        client["moved"]["people"].insert_one({"_id": 1})
    server.stop()
    server.port = ports.free_port()
    server.start()
    with _client(server.admin_uri) as client:
        assert client["moved"]["people"].find_one() == {"_id": 1}
        assert client.primary == ("127.0.0.1", server.port)


def test_nobody_reads_without_signing_in(server: MongoServer) -> None:
    with _client(f"mongodb://127.0.0.1:{server.port}/?replicaSet=rs0") as client:
        with pytest.raises(OperationFailure):
            client["any"]["people"].find_one()
        with pytest.raises(OperationFailure):
            client.admin.command("createUser", "intruder", pwd="x", roles=["root"])


def test_a_service_s_user_reaches_its_own_database_alone(server: MongoServer) -> None:
    with _client(server.admin_uri) as admin:
        ensure_service_user(admin, "referral", "first", {"c_referral": "readWrite"})
        ensure_service_user(admin, "referral", "p@ss:word/", {"c_referral": "readWrite"})

    with _client(server.user_uri("referral", "p@ss:word/")) as client:
        client["c_referral"]["referrals"].insert_one({"_id": 1})
        with pytest.raises(OperationFailure):
            client["c_partner"]["agencies"].find_one()
    with (
        _client(server.user_uri("referral", "first")) as client,
        pytest.raises(OperationFailure),
    ):
        client.admin.command("ping")


def test_grants_that_are_taken_back_are_gone(server: MongoServer) -> None:
    with _client(server.admin_uri) as admin:
        ensure_service_user(admin, "notify", "secret", {"c_notify": "readWrite", "x": "read"})
        ensure_service_user(admin, "notify", "secret", {"c_notify": "readWrite"})
    with _client(server.user_uri("notify", "secret")) as client:
        client["c_notify"]["messages"].insert_one({"_id": 1})
        with pytest.raises(OperationFailure):
            client["x"]["y"].find_one()


def test_secrets_are_readable_by_their_owner_alone(server: MongoServer) -> None:
    for name in ("key", "admin-password"):
        assert stat.S_IMODE((server.home / name).stat().st_mode) == 0o600


def test_a_taken_port_is_named_with_its_owner(server: MongoServer, tmp_path: Path) -> None:
    other = MongoServer(tmp_path, server.port)
    with pytest.raises(
        PortInUseError, match=rf"port {server.port}.*mongod \(process {server.pid}\)"
    ):
        other.start()


def test_a_server_that_cannot_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    mongo = MongoServer(tmp_path, ports.free_port())
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "storage.bson").write_text("not what mongod wrote")
    with pytest.raises(ServerError, match="MongoDB ended while it started"):
        mongo.start()
