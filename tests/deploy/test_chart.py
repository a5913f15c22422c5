"""What the chart makes of four sets of values, told one rule at a time."""

import json
from typing import Any

import pytest

from services.chassis.settings import ServiceSettings
from services.notify.settings import NotifySettings
from services.partner.settings import PartnerSettings
from services.portal.settings import PortalSettings
from services.referral.settings import ReferralSettings
from services.reporting.settings import ReportingSettings
from tests.deploy.rendering import (
    NAMESPACE,
    SETS,
    Object,
    environment,
    named,
    of_kind,
    pods,
    rendered,
)

WITH_EVENTS = ("referral", "partner", "notify", "reporting")
SERVICES = (*WITH_EVENTS, "portal")
WORKLOADS = {f"enlace-{each}-api" for each in SERVICES} | {
    f"enlace-{each}-worker" for each in WITH_EVENTS
}

every_set = pytest.mark.parametrize("name", SETS)


def container(pod: Object) -> dict[str, Any]:
    found: dict[str, Any] = pod["spec"]["containers"][0]
    return found


@every_set
def test_each_service_has_an_api_and_each_with_events_a_worker(name: str) -> None:
    found = of_kind(rendered(name), "Deployment")
    assert {each["metadata"]["name"] for each in found} == WORKLOADS
    for each in found:
        variables = environment(each["spec"]["template"])
        assert variables["ENLACE_ROLE"] == each["metadata"]["name"].rpartition("-")[2]


@every_set
def test_every_pod_keeps_to_the_restricted_standard(name: str) -> None:
    for where, pod in pods(rendered(name)):
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True, where
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, where
        assert spec["automountServiceAccountToken"] is False, where
        assert spec["enableServiceLinks"] is False, where
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec), where
        assert len(spec["containers"]) == 1, where
        assert "initContainers" not in spec, where
        security = container(pod)["securityContext"]
        assert security == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "privileged": False,
            "capabilities": {"drop": ["ALL"]},
        }, where
        for volume in spec.get("volumes", []):
            kinds = {"secret", "configMap", "emptyDir", "persistentVolumeClaim", "csi"}
            assert set(volume) - {"name"} <= kinds, where


@every_set
def test_every_pod_asks_for_what_it_needs_and_has_a_limit_of_memory(name: str) -> None:
    for where, pod in pods(rendered(name)):
        resources = container(pod)["resources"]
        assert set(resources["requests"]) == {"cpu", "memory"}, where
        # No limit of processor time: a pod that is throttled in a morning's rush misses its probes.
        assert set(resources["limits"]) == {"memory"}, where


@every_set
def test_the_same_address_tells_alive_from_stuck_and_another_tells_ready(name: str) -> None:
    for each in of_kind(rendered(name), "Deployment"):
        one = container(each["spec"]["template"])
        assert one["startupProbe"]["httpGet"]["path"] == "/health"
        assert one["livenessProbe"]["httpGet"]["path"] == "/health"
        assert one["readinessProbe"]["httpGet"]["path"] == "/ready"
        # The driver gives a database five seconds: the probe must outlast that, or it restarts
        # what only waits.
        assert one["livenessProbe"]["timeoutSeconds"] > 5
        assert one["readinessProbe"]["timeoutSeconds"] > 5


@every_set
def test_a_pod_has_longer_to_end_than_its_drain_takes(name: str) -> None:
    for each in of_kind(rendered(name), "Deployment"):
        spec = each["spec"]["template"]["spec"]
        heard = container(each["spec"]["template"])["lifecycle"]["preStop"]["sleep"]["seconds"]
        answers, slice_in_hand, leaving, beside = 10, 3, 10, 15
        drain = heard + answers + slice_in_hand + leaving + beside
        assert spec["terminationGracePeriodSeconds"] > drain


@every_set
def test_a_new_pod_is_ready_before_an_old_one_ends(name: str) -> None:
    for each in of_kind(rendered(name), "Deployment"):
        assert each["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


@every_set
def test_what_has_two_pods_has_a_budget_and_what_has_one_has_none(name: str) -> None:
    budgets = {each["metadata"]["name"]: each for each in of_kind(rendered(name), POD_BUDGET)}
    for each in of_kind(rendered(name), "Deployment"):
        own = each["metadata"]["name"]
        replicas = each["spec"].get("replicas", 2)
        if replicas == 1:
            assert own not in budgets, "no node could be drained"
        else:
            assert budgets[own]["spec"]["maxUnavailable"] < replicas
            assert budgets[own]["spec"]["selector"] == each["spec"]["selector"]


POD_BUDGET = "PodDisruptionBudget"


@every_set
def test_pods_of_one_kind_are_spread_over_nodes_and_zones(name: str) -> None:
    for each in of_kind(rendered(name), "Deployment"):
        spread = each["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert [rule["topologyKey"] for rule in spread] == [
            "kubernetes.io/hostname",
            "topology.kubernetes.io/zone",
        ]
        for rule in spread:
            assert rule["labelSelector"] == each["spec"]["selector"]


@every_set
def test_no_secret_stands_in_a_set_of_values_or_in_what_it_renders(name: str) -> None:
    assert of_kind(rendered(name), "Secret") == []
    for where, pod in pods(rendered(name)):
        for variable, value in environment(pod).items():
            if any(word in variable for word in ("PASSWORD", "TOKEN", "SECRET", "MONGO_URI")):
                assert "secretKeyRef" in value, f"{where} {variable}"


@every_set
def test_an_api_that_needs_no_kafka_knows_no_password_of_it(name: str) -> None:
    for where, pod in pods(rendered(name)):
        labels = pod["metadata"]["labels"]
        role, service = labels["enlace.org/role"], labels["app.kubernetes.io/component"]
        uses = role == "worker" or service == "portal"
        if role in {"api", "worker"}:
            assert ("ENLACE_KAFKA" in environment(pod)) is uses, where
            assert ("ENLACE_KAFKA_PASSWORD" in environment(pod)) is uses, where


@every_set
def test_every_setting_is_one_that_the_service_knows(name: str) -> None:
    settings: dict[str, type[ServiceSettings]] = {
        "referral": ReferralSettings,
        "partner": PartnerSettings,
        "notify": NotifySettings,
        "reporting": ReportingSettings,
        "portal": PortalSettings,
    }
    for where, pod in pods(rendered(name)):
        service = pod["metadata"]["labels"]["app.kubernetes.io/component"]
        if service in settings:
            known = {f"ENLACE_{field.upper()}" for field in settings[service].model_fields}
            own = {each for each in environment(pod) if each.startswith("ENLACE_")}
            assert own <= known, where


@every_set
def test_a_service_is_told_the_addresses_that_it_calls_and_they_are_services(name: str) -> None:
    there = {each["metadata"]["name"] for each in of_kind(rendered(name), "Service")}
    for where, pod in pods(rendered(name)):
        for variable, value in environment(pod).items():
            if variable.endswith("_URL") and str(value).startswith("http://enlace-"):
                assert str(value).removeprefix("http://").partition(":")[0] in there, where


@every_set
def test_services_lead_to_api_pods_alone(name: str) -> None:
    for each in of_kind(rendered(name), "Service"):
        assert each["spec"]["selector"]["enlace.org/role"] == "api"
        leads_to = [
            pod
            for _, pod in pods(rendered(name))
            if each["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
        ]
        assert len(leads_to) == 1


@every_set
def test_messages_are_off_until_an_operator_turns_them_on(name: str) -> None:
    for kind in ("api", "worker"):
        pod = named(rendered(name), "Deployment", f"enlace-notify-{kind}")["spec"]["template"]
        assert environment(pod)["ENLACE_OUTGOING_AT_FIRST"] == "false"


@every_set
def test_indexes_are_made_before_a_release_and_a_job_that_failed_stays_to_be_read(
    name: str,
) -> None:
    jobs = of_kind(rendered(name), "Job")
    assert {each["metadata"]["name"] for each in jobs} == {
        f"enlace-{service}-prepare" for service in WITH_EVENTS
    }
    by_operator = name in {"small", "large"}
    for each in jobs:
        notes = each["metadata"]["annotations"]
        # There is no database to prepare before an operator has made one.
        wanted = "pre-upgrade" if by_operator else "pre-install,pre-upgrade"
        assert notes["helm.sh/hook"] == wanted
        assert notes["helm.sh/hook-delete-policy"] == "before-hook-creation,hook-succeeded"
        assert environment(each["spec"]["template"])["ENLACE_ROLE"] == "prepare"


def test_topics_are_made_by_the_job_only_where_nobody_else_makes_them() -> None:
    made: dict[str, set[object]] = {}
    for name in SETS:
        for job in of_kind(rendered(name), "Job"):
            variables = environment(job["spec"]["template"])
            made.setdefault(name, set()).add(variables.get("ENLACE_TOPIC_REPLICAS"))
    assert made == {"small": {None}, "large": {None}, "given": {"3"}, "shared": {None}}


def test_only_the_referral_worker_holds_the_erasure_ledger_and_it_outlives_the_release() -> None:
    holders = {
        where
        for where, pod in pods(rendered("small"))
        if any("persistentVolumeClaim" in each for each in pod["spec"].get("volumes", []))
    }
    assert holders == {"Deployment/enlace-referral-worker"}
    claim = named(rendered("small"), "PersistentVolumeClaim", "enlace-ledger")
    assert claim["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


def test_kafka_and_the_database_outlive_the_release() -> None:
    for kind in ("Kafka", "KafkaTopic", "MongoDBCommunity"):
        for each in of_kind(rendered("large"), kind):
            assert each["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep", kind


def test_brokers_take_nobody_without_a_name_and_make_no_topic_by_themselves() -> None:
    kafka = of_kind(rendered("small"), "Kafka")[0]["spec"]["kafka"]
    assert kafka["authorization"] == {"type": "simple"}
    assert all(each["tls"] and each["authentication"] for each in kafka["listeners"])
    assert kafka["config"]["auto.create.topics.enable"] == "false"
    assert kafka["config"]["min.insync.replicas"] == 2


def test_given_servers_are_reached_by_tls_with_their_own_ca() -> None:
    pod = named(rendered("given"), "Deployment", "enlace-partner-worker")["spec"]["template"]
    told = environment(pod)
    assert told["ENLACE_KAFKA_PROTOCOL"] == "SASL_SSL"
    assert told["ENLACE_KAFKA_USER"] == "harbor-partner"
    assert told["ENLACE_KAFKA_PASSWORD"] == {
        "secretKeyRef": {"name": "enlace-kafka", "key": "partner"}
    }
    assert told["ENLACE_MONGO_URI"] == {
        "secretKeyRef": {"name": "enlace-mongodb", "key": "partner"}
    }
    mounts = {each["name"]: each["mountPath"] for each in container(pod)["volumeMounts"]}
    assert told["ENLACE_KAFKA_CA_FILE"] == f"{mounts['kafka-ca']}/ca.crt"
    assert told["ENLACE_MONGO_CA_FILE"] == f"{mounts['mongodb-ca']}/ca.crt"


def test_an_operators_secrets_are_read_by_the_names_that_it_gives_them() -> None:
    pod = named(rendered("small"), "Deployment", "enlace-notify-worker")["spec"]["template"]
    told = environment(pod)
    assert told["ENLACE_KAFKA_PASSWORD"] == {
        "secretKeyRef": {"name": "rivera-notify", "key": "password"}
    }
    mongodb = of_kind(rendered("small"), "MongoDBCommunity")[0]
    user = next(each for each in mongodb["spec"]["users"] if each["name"] == "rivera_notify")
    assert told["ENLACE_MONGO_URI"] == {
        "secretKeyRef": {
            "name": user["connectionStringSecretName"],
            "key": "connectionString.standard",
        }
    }


def test_workers_grow_by_the_lag_of_all_their_topics_up_to_the_partitions() -> None:
    scaled = {each["metadata"]["name"]: each for each in of_kind(rendered("large"), "ScaledObject")}
    assert set(scaled) == {f"enlace-{service}" for service in WITH_EVENTS}
    for service, each in scaled.items():
        assert each["spec"]["scaleTargetRef"]["name"] == f"{service}-worker"
        assert each["spec"]["maxReplicaCount"] <= 12
        worker = named(rendered("large"), "Deployment", f"{service}-worker")
        assert "replicas" not in worker["spec"], "an upgrade would undo what KEDA has set"
        for trigger in each["spec"]["triggers"]:
            assert trigger["metadata"]["offsetResetPolicy"] == "earliest"
            assert trigger["metadata"]["excludePersistentLag"] == "true"
    proof = named(rendered("large"), "TriggerAuthentication", "enlace-partner")["spec"]
    references = [*proof["configMapTargetRef"], *proof["secretTargetRef"]]
    wanted = {"tls", "sasl", "username", "password", "ca"}
    assert {each["parameter"] for each in references} == wanted, "read from references alone"
    settings = named(rendered("large"), "ConfigMap", "enlace-partner-lag")["data"]
    assert settings == {"tls": "enable", "sasl": "scram_sha512", "username": "metropolis-partner"}
    found = {
        (trigger["metadata"]["consumerGroup"], trigger["metadata"]["topic"])
        for trigger in scaled["enlace-partner"]["spec"]["triggers"]
    }
    assert ("metropolis.partner", "metropolis.referrals") in found
    assert len(found) == 7


def test_the_ingress_shows_the_portal_and_agencies_see_partner_and_callbacks_alone() -> None:
    own = named(rendered("large"), "Ingress", "enlace")
    paths = own["spec"]["rules"][0]["http"]["paths"]
    assert [each["backend"]["service"]["name"] for each in paths] == ["enlace-portal"]
    agencies = named(rendered("large"), "Ingress", "enlace-agencies")
    led = {
        each["path"]: each["backend"]["service"]["name"]
        for each in agencies["spec"]["rules"][0]["http"]["paths"]
    }
    assert led == {
        "/v1/callbacks": "enlace-notify",
        "/v1/mail-stops": "enlace-notify",
        "/": "enlace-partner",
    }
    told = environment(
        named(rendered("large"), "Deployment", "enlace-notify-api")["spec"]["template"]
    )
    assert told["ENLACE_CALLBACK_URL"] == "https://agencies.metropolis.example.org"


def test_schools_reach_every_service_as_the_file_that_it_reads() -> None:
    table = named(rendered("small"), "ConfigMap", "enlace-district")["data"]["sites.json"]
    assert json.loads(table)["site-01"]["name"] == "Rivera Elementary"


def test_a_release_of_many_beside_each_other_keeps_its_own_names() -> None:
    for each in rendered("shared"):
        assert each["metadata"].get("namespace", NAMESPACE) == NAMESPACE
        assert each["kind"] not in {"ClusterRole", "ClusterRoleBinding", "Namespace", "Kafka"}
    worker = named(rendered("shared"), "Deployment", "enlace-reporting-worker")["spec"]["template"]
    keys = next(each for each in worker["spec"]["volumes"] if each["name"] == "keys")
    assert keys["csi"]["volumeAttributes"] == {"secretProviderClass": "d0417-enlace-keys"}


def test_secrets_for_trying_out_come_before_the_jobs_that_read_them() -> None:
    plain = rendered(
        "given",
        "secrets.plain.enabled=true",
        "secrets.plain.keys.root\\.key=AAAA",
        "secrets.plain.mongodb.referral=mongodb://somewhere",
    )
    secrets = {each["metadata"]["name"]: each for each in of_kind(plain, "Secret")}
    assert set(secrets) == {"enlace-keys", "enlace-mongodb"}
    for each in secrets.values():
        weight = int(each["metadata"]["annotations"]["helm.sh/hook-weight"])
        jobs = of_kind(plain, "Job")
        assert all(
            weight < int(job["metadata"]["annotations"]["helm.sh/hook-weight"]) for job in jobs
        )
