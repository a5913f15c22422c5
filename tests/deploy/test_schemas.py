"""Every object that the chart renders, against the schema of its kind."""

import copy
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from tests.deploy.rendering import CHART, SETS, Object, helm, of_kind, rendered

VERSION = "1.35"
CRDS = Path(__file__).parents[3] / "shared" / "data" / "crds"
OWN_GROUPS = (
    "kafka.strimzi.io",
    "mongodbcommunity.mongodb.com",
    "keda.sh",
    "monitoring.coreos.com",
)

needs_crds = pytest.mark.skipif(not CRDS.is_dir(), reason=f"no schemas of operators in {CRDS}")


def is_custom(each: Object) -> bool:
    return each["apiVersion"].partition("/")[0] in OWN_GROUPS


@pytest.mark.parametrize("name", SETS)
def test_helm_lint_has_nothing_to_say(name: str) -> None:
    values = str(CHART / "values" / f"{name}.yaml")
    done = helm("lint", str(CHART), "--strict", "--quiet", "--values", values)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", SETS)
def test_every_object_is_as_kubernetes_wants_it(name: str) -> None:
    checked = [each for each in rendered(name) if not is_custom(each)]
    assert len(checked) > 40
    for each in checked:
        kubernetes_validate.validate(each, VERSION, strict=True)


def test_a_misspelt_field_of_a_deployment_is_found() -> None:
    broken = copy.deepcopy(of_kind(rendered("small"), "Deployment")[0])
    broken["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, VERSION, strict=True)


@needs_crds
@pytest.mark.parametrize("name", ["small", "large"])
def test_every_custom_resource_is_as_its_operator_wants_it(name: str) -> None:
    found = [each for each in rendered(name) if is_custom(each)]
    assert {each["kind"] for each in found} >= {"Kafka", "KafkaTopic", "MongoDBCommunity"}
    for each in found:
        assert list(faults(each)) == [], f"{each['kind']} {each['metadata']['name']}"


@needs_crds
@pytest.mark.parametrize(
    ("kind", "broken"),
    [
        ("KafkaTopic", {"partitions": "twelve"}),
        ("KafkaTopic", {"partition": 12}),
        ("KafkaUser", {"authorization": {"type": "simple", "acl": []}}),
        ("Kafka", {"kafka": {"listeners": []}}),
        ("KafkaNodePool", {"roles": ["reader"]}),
        ("MongoDBCommunity", {"type": "Sharded"}),
        ("ScaledObject", {"minReplicaCount": "two"}),
        ("ServiceMonitor", {"endpoints": [{"interval": "often"}]}),
    ],
)
def test_a_broken_custom_resource_is_refused(kind: str, broken: dict[str, Any]) -> None:
    each = copy.deepcopy(of_kind(rendered("large"), kind)[0])
    each["spec"] |= broken
    assert list(faults(each)) != []


def faults(each: Object) -> list[str]:
    validator = schemas()[each["apiVersion"], each["kind"]]
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(each)]


@cache
def schemas() -> dict[tuple[str, str], Validator]:
    found: dict[tuple[str, str], Validator] = {}
    for file in CRDS.rglob("*.yaml"):
        for crd in yaml.load_all(file.read_text(), yaml.CSafeLoader):
            spec = crd["spec"]
            for version in spec["versions"]:
                schema = closed(version["schema"]["openAPIV3Schema"])
                key = f"{spec['group']}/{version['name']}", spec["names"]["kind"]
                found[key] = Draft202012Validator(schema)
    return found


def closed(schema: Any, *, top: bool = True) -> Any:
    """Refuse unknown fields, as the API server does when it is asked to be strict."""
    if isinstance(schema, list):
        return [closed(each, top=False) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(each, top=False) for name, each in schema.items()}
    if schema.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
    is_open = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    if isinstance(schema.get("properties"), dict) and "type" in schema and not is_open:
        made["additionalProperties"] = False
    if top:
        made["properties"]["metadata"] = {"type": "object"}
    return made
