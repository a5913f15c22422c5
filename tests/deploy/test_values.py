"""Values that cannot work are refused before anything is sent, in words that name the mend."""

import pytest

from tests.deploy.rendering import CHART, helm, refusal, rendered, template

BAD = [
    # what is set; words of the refusal
    ("small", "cell=Rivera_Elementary", "write up to 32 small letters and digits"),
    ("small", "district.publicUrl=", "district.publicUrl is empty: write the address"),
    ("small", "district.publicUrl=https://enlace.example.org/a", "write scheme and host alone"),
    ("small", "district.publicUrl=https://other.example.org", "write district.publicUrl=https://"),
    ("small", "district.issuer=login", "write its whole address"),
    ("small", "image.tag=latest", "write a release, such as 0.1.0"),
    ("small", "image.tag=", "write the release to run"),
    ("small", "image.digests.portal=abc", "write sha256: and 64 hexadecimal digits"),
    ("small", "kafka.mode=redpanda", "'/kafka/mode': value must be one of 'given', 'operator'"),
    ("small", "kafka.operator.topicReplicas=5", "lower the one or raise the other"),
    ("small", "mongodb.operator.members=4", "write an odd number"),
    ("small", "mongodb.operator.tls.caSecret=x", "set both, or neither"),
    ("small", "services.referral.worker.replicas=2", "Set ledger.accessMode=ReadWriteMany"),
    ("small", "services.partner.api.replicas=0", "'/services/partner/api/replicas'"),
    ("small", "services.portal.worker.replicas=1", "additional properties 'worker' not allowed"),
    ("small", "services.notify.api.resources.requests.memory=lots", "does not match pattern"),
    ("small", "services.notify.api.resources.requests.memory=2Gi", "raise the limit or lower"),
    ("small", "services.notify.settings.ENLACE_X=1", "invalid propertyName 'ENLACE_X'"),
    ("small", "replicaCount=3", "additional properties 'replicaCount' not allowed"),
    ("small", "ingress.tlsSecret=", "name the Secret with the certificate"),
    ("small", "ingress.controllerNamespaceLabels=null", "or nothing is let in"),
    ("small", "messages.onAtFirst=true,messages.from=", "turn messages on later"),
    ("small", "secrets.plain.enabled=true", "python -m services.chassis.keys"),
    ("small", "district.sites.site-02.name=X", "missing properties 'coordinator', 'phone'"),
    ("given", "kafka.given.bootstrap=", "write host:port of the brokers"),
    ("given", "kafka.given.bootstrap=kafka.example.org", "several joined by commas"),
    ("large", "telemetry.serviceMonitor.collectorLabels=null", "the collector's Service"),
]


@pytest.mark.parametrize(("name", "given", "words"), BAD, ids=[each[1] for each in BAD])
def test_a_wrong_value_is_refused_with_what_to_write(name: str, given: str, words: str) -> None:
    assert words in refusal(name, given)


def test_without_any_values_the_first_thing_missing_is_named() -> None:
    done = helm("template", "enlace", str(CHART))
    assert "district.publicUrl is empty" in done.stderr


def test_a_schema_never_refuses_what_comes_with_the_chart() -> None:
    assert len(rendered("small")) > 70


def test_notes_say_that_messages_are_off_and_what_to_do_next() -> None:
    values = str(CHART / "values" / "small.yaml")
    done = helm("install", "enlace", str(CHART), "--dry-run=client", "--values", values)
    assert done.returncode == 0, done.stderr
    notes = done.stdout.partition("NOTES:")[2]
    assert "Messages are OFF on a first installation" in notes
    assert "POST /v1/outgoing" in notes
    assert "helm test enlace" in notes
    assert "https://enlace.rivera.example.org" in notes


def test_notes_warn_of_plain_secrets() -> None:
    given = "secrets.plain.enabled=true,secrets.plain.keys.root\\.key=AAAA"
    assert template("given", given).returncode == 0
    values = str(CHART / "values" / "given.yaml")
    line = ("--dry-run=client", "--values", values, "--set", given)
    assert "WARNING: secrets.plain" in helm("install", "enlace", str(CHART), *line).stdout
