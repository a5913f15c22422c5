"""Who may reach whom, by evaluating the policies' selectors against the pods' labels.

A network that enforces policies is not at hand where these tests run: what is shown is what the
policies say, not that a network keeps to them.
"""

import json

import pytest

from deploy.helm.declared import FILE
from tests.deploy.rendering import SETS, Object, of_kind, pods, rendered

Labels = dict[str, str]

every_set = pytest.mark.parametrize("name", SETS)


def matches(selector: Object, labels: Labels) -> bool:
    assert set(selector) <= {"matchLabels"}, "no expression is evaluated here"
    return bool(selector.get("matchLabels", {}).items() <= labels.items())


def policies(name: str, labels: Labels, direction: str) -> list[Object]:
    return [
        each
        for each in of_kind(rendered(name), "NetworkPolicy")
        if direction in each["spec"]["policyTypes"] and matches(each["spec"]["podSelector"], labels)
    ]


def may_leave(name: str, labels: Labels, to: Labels, port: int, namespace: Labels | None) -> bool:
    return _allowed(name, labels, to, port, namespace, "Egress", "egress", "to")


def may_enter(name: str, labels: Labels, to: Labels, port: int, namespace: Labels | None) -> bool:
    return _allowed(name, to, labels, port, namespace, "Ingress", "ingress", "from")


def _allowed(
    name: str,
    own: Labels,
    other: Labels,
    port: int,
    namespace: Labels | None,
    direction: str,
    field: str,
    peers: str,
) -> bool:
    """Tell whether a policy lets through; `namespace` is the other's, None where it is the same."""
    for policy in policies(name, own, direction):
        for rule in policy["spec"].get(field, []):
            if port not in {each["port"] for each in rule["ports"]}:
                continue
            for peer in rule[peers]:
                if "ipBlock" in peer:
                    continue
                if "namespaceSelector" in peer:
                    there = namespace is not None and matches(peer["namespaceSelector"], namespace)
                else:
                    there = namespace is None
                if there and matches(peer.get("podSelector", {}), other):
                    return True
    return False


def labels_of(name: str) -> dict[tuple[str, str], Labels]:
    found = {}
    for _, pod in pods(rendered(name)):
        labels = pod["metadata"]["labels"]
        found[labels["app.kubernetes.io/component"], labels["enlace.org/role"]] = labels
    return found


def calls() -> dict[str, list[str]]:
    services = json.loads(FILE.read_text())["services"]
    return {name: its["calls"] for name, its in services.items()}


@every_set
def test_every_pod_is_shut_in_both_directions_unless_a_policy_opens(name: str) -> None:
    deny = next(
        each
        for each in of_kind(rendered(name), "NetworkPolicy")
        if each["metadata"]["name"] == "enlace-deny"
    )
    assert deny["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & set(deny["spec"])
    for where, pod in pods(rendered(name)):
        assert matches(deny["spec"]["podSelector"], pod["metadata"]["labels"]), where


@every_set
def test_a_service_reaches_those_that_it_calls_and_no_others(name: str) -> None:
    found = labels_of(name)
    for (service, role), labels in found.items():
        for (other, its_role), to in found.items():
            wanted = its_role == "api" and (
                role == "test" or (service != other and other in calls().get(service, []))
            )
            where = f"{service}/{role} to {other}/{its_role}"
            assert may_leave(name, labels, to, 8080, None) is wanted, where
            assert may_enter(name, labels, to, 8080, None) is wanted, where


@every_set
def test_the_ingress_controller_reaches_the_portal_and_no_worker(name: str) -> None:
    controller = {"kubernetes.io/metadata.name": "ingress-nginx"}
    reached = {
        where
        for where, labels in labels_of(name).items()
        if may_enter(name, {}, labels, 8080, controller)
    }
    agencies = {("partner", "api"), ("notify", "api")} if name == "large" else set()
    assert reached == {("portal", "api")} | agencies


@every_set
def test_another_pod_of_the_namespace_reaches_nobody(name: str) -> None:
    stranger = {"app": "stranger"}
    for labels in labels_of(name).values():
        assert not may_enter(name, stranger, labels, 8080, None)


@pytest.mark.parametrize("name", ["small", "large"])
def test_brokers_are_reached_by_who_uses_kafka_alone(name: str) -> None:
    cluster = "enlace"
    brokers = {"strimzi.io/cluster": cluster, "strimzi.io/kind": "Kafka"}
    for (service, role), labels in labels_of(name).items():
        uses = role == "worker" or (service, role) == ("portal", "api")
        assert may_leave(name, labels, brokers, 9093, None) is uses, f"{service}/{role}"


@pytest.mark.parametrize("name", ["small", "large"])
def test_the_database_is_reached_by_every_service_and_not_by_the_test(name: str) -> None:
    database = {"app": "enlace-mongodb-svc"}
    for (service, role), labels in labels_of(name).items():
        assert may_leave(name, labels, database, 27017, None) is (role != "test"), service


@every_set
def test_what_leaves_the_cluster_goes_to_public_addresses_alone(name: str) -> None:
    for policy in of_kind(rendered(name), "NetworkPolicy"):
        for rule in policy["spec"].get("egress", []):
            for peer in rule["to"]:
                block = peer.get("ipBlock")
                if block and 443 in {each["port"] for each in rule["ports"]}:
                    assert ":" in block["cidr"] or "10.0.0.0/8" in block["except"]
