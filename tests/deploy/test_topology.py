"""What the code declares, and what the chart deploys of it: topics, rights, databases, keys."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from contracts.topic import PARTITIONS, TOPICS
from deploy.helm.declared import BUILDS, FILE, KEYS, declared, parts_of
from deploy.local.system.users import databases_of
from services.chassis.events.topics import TOPIC_CONFIG
from services.chassis.keys import make_keys
from services.chassis.service import Chassis
from services.portal.main import build as build_portal
from services.portal.settings import PortalSettings
from tests.deploy.rendering import Object, named, of_kind, pods, rendered

CELL = "rivera"
SERVICES = ("referral", "partner", "notify", "reporting", "portal")


def rights(user: Object) -> dict[tuple[str, str, str], set[str]]:
    found: dict[tuple[str, str, str], set[str]] = {}
    for acl in user["spec"]["authorization"]["acls"]:
        what = acl["resource"]
        key = (what["type"], what["name"], what["patternType"])
        found.setdefault(key, set()).update(acl["operations"])
    return found


def test_the_file_that_the_chart_reads_is_what_the_code_declares() -> None:
    assert json.loads(FILE.read_text()) == declared(), "python -m deploy.helm.declared"


def test_the_topics_deployed_are_the_topics_of_the_contracts() -> None:
    deployed = of_kind(rendered("small"), "KafkaTopic")
    assert {each["spec"]["topicName"] for each in deployed} == {
        f"{CELL}.{topic.name}" for topic in TOPICS
    }
    for each in deployed:
        assert each["spec"]["partitions"] == PARTITIONS, "a key must never move"
        assert each["spec"]["config"] == TOPIC_CONFIG, "kept for ever, never compacted"
        assert each["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


@pytest.mark.parametrize("service", SERVICES)
def test_a_user_writes_what_its_service_owns_and_nothing_else(service: str) -> None:
    user = named(rendered("small"), "KafkaUser", f"{CELL}-{service}")
    written = {name for (_, name, _), may in rights(user).items() if "Write" in may}
    assert written == {f"{CELL}.{topic.name}" for topic in TOPICS if topic.owner == service}


@pytest.mark.parametrize("service", sorted(BUILDS))
def test_a_user_reads_what_its_groups_read_and_nothing_else(service: str) -> None:
    found = rights(named(rendered("small"), "KafkaUser", f"{CELL}-{service}"))
    parts = parts_of(service)
    groups = {f"{CELL}.{group.name}" for group in parts.groups}
    topics = {f"{CELL}.{topic}" for group in parts.groups for topic in group.topics}
    if service == "reporting":  # whose read models have a group a generation
        models = {"referral-facts": 4, "seats": 1}
        prefixes = {name for kind, name, how in found if (kind, how) == ("group", "prefix")}
        assert prefixes == {f"{CELL}.{name}." for name in models}
        facts = ("referrals", "follow-ups", "offerings", "referral-marks", "partner-capacity")
        topics |= {f"{CELL}.{name}" for name in facts}
    assert {name for kind, name, how in found if (kind, how) == ("group", "literal")} == groups
    assert {
        name for (kind, name, _), may in found.items() if kind == "topic" and "Read" in may
    } == (topics)


def test_the_portal_reads_the_rules_in_no_group() -> None:
    found = rights(named(rendered("small"), "KafkaUser", f"{CELL}-portal"))
    assert found == {("topic", f"{CELL}.rules", "literal"): {"Read", "Describe"}}


def test_no_user_may_more_than_read_write_and_describe() -> None:
    for user in of_kind(rendered("large"), "KafkaUser"):
        for (kind, name, _), may in rights(user).items():
            assert name.startswith("metropolis."), "another cell's"
            assert may <= {"Read", "Write", "Describe"}
            assert kind in {"topic", "group"}


def test_each_database_user_has_the_roles_of_the_local_system() -> None:
    mongodb = of_kind(rendered("small"), "MongoDBCommunity")[0]
    users = {each["name"]: each for each in mongodb["spec"]["users"]}
    assert set(users) == {f"{CELL}_{service}" for service in SERVICES}
    for service in SERVICES:
        roles = {each["db"]: each["name"] for each in users[f"{CELL}_{service}"]["roles"]}
        assert roles == {
            f"{CELL}_{database}": role for database, role in databases_of(service).items()
        }
    own = {f"{CELL}_{service}" for service in SERVICES}
    for name, user in users.items():
        others = {each["db"] for each in user["roles"]} & own - {name}
        assert others == set(), "nobody reads another's database"


@pytest.mark.parametrize("service", SERVICES)
def test_pods_get_the_keys_that_their_service_reads_and_no_others(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted: list[set[str]] = []
    for _, pod in pods(rendered("given")):
        if pod["metadata"]["labels"]["app.kubernetes.io/component"] == service:
            volume = next(each for each in pod["spec"]["volumes"] if each["name"] == "keys")
            mounted.append({item["path"] for item in volume["secret"]["items"]})
    wanted = {*KEYS[service], "services.jwks.json", f"{service}.pem"}
    assert mounted, "no pod"
    assert all(each == wanted for each in mounted)

    make_keys(tmp_path / "all")
    for missing in [None, *sorted(wanted)]:
        folder = tmp_path / f"without-{missing}"
        folder.mkdir()
        for name in wanted - {missing}:
            shutil.copy(tmp_path / "all" / str(name), folder)
        monkeypatch.setenv("ENLACE_KEYS_DIR", str(folder))
        if missing is None:
            start(service, monkeypatch)
        else:
            with pytest.raises(FileNotFoundError):
                start(service, monkeypatch)


def start(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in ("ACCOUNT", "TOKEN", "FROM"):
        monkeypatch.setenv(f"ENLACE_TWILIO_{each}", "none")
    if service == "portal":
        build_portal(PortalSettings())
        return
    settings, build = BUILDS[service]
    chassis: Chassis[Any] = Chassis(service, settings())
    build(chassis)
