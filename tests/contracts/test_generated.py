"""What is committed is what the classes say, and the command that sees to it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from contracts.event import Event
from contracts.generate import files
from contracts.generate.asyncapi import asyncapi
from contracts.generate.catalogue import ROOT, published
from contracts.generate.envelope import headers_of, headers_schema
from contracts.generate.examples import example, example_headers, invented_id
from contracts.generate.pages import pages
from contracts.generate.schemas import open_schema
from contracts.topic import TOPICS

every_class = pytest.mark.parametrize("kind", published(), ids=lambda kind: kind.TYPE)


def test_the_committed_files_are_current() -> None:
    assert files.outdated(ROOT) == {}, "run `python -m contracts.generate` and commit its changes"


def test_two_runs_make_the_same() -> None:
    assert files.expected() == files.expected()


@every_class
class TestSchema:
    def test_is_valid_and_named_by_its_type(self, kind: type[Event]) -> None:
        schema = open_schema(kind)

        Draft202012Validator.check_schema(schema)
        assert schema["$id"] == f"https://enlace.org/schemas/{kind.TYPE}.json"

    def test_takes_the_example(self, kind: type[Event]) -> None:
        body = example(kind).model_dump(mode="json", exclude_none=True)

        assert _faults(open_schema(kind), body) == []

    def test_takes_what_a_later_release_may_add(self, kind: type[Event]) -> None:
        body = example(kind).model_dump(mode="json", exclude_none=True)

        assert _faults(open_schema(kind), _grown(body, open_schema(kind))) == []

    def test_misses_every_required_field(self, kind: type[Event]) -> None:
        body = example(kind).model_dump(mode="json", exclude_none=True)

        for field in open_schema(kind)["required"]:
            left = {name: value for name, value in body.items() if name != field}
            assert _faults(open_schema(kind), left) == [f"'{field}' is a required property"]

    def test_headers_of_the_example_keep_to_theirs(self, kind: type[Event]) -> None:
        headers = example_headers(example(kind))

        assert _faults(headers_schema(), headers) == []
        assert _faults(headers_of(kind), headers) == []


def _faults(schema: dict[str, Any], value: Any) -> list[str]:
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(value)]


def _grown(body: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The body with a field more, and with codes that nobody knows yet."""
    coded = {
        name
        for name, field in schema["properties"].items()
        if "$ref" in field and "x-known-values" in schema["$defs"][field["$ref"].split("/")[-1]]
    }
    later = {name: "of-a-later-release" if name in coded else value for name, value in body.items()}
    return {**later, "of_a_later_release": 1}


def test_schemas_know_codes_without_closing_the_list() -> None:
    urgency = json.loads(
        (ROOT / "contracts/schemas/org.enlace.referral.created.v1.json").read_text()
    )["$defs"]["Urgency"]

    assert urgency["x-known-values"] == ["routine", "soon", "urgent", "crisis"]
    assert urgency["type"] == "string"
    assert "enum" not in urgency


def test_restricted_categories_are_no_values_of_an_event() -> None:
    known = json.loads(
        (ROOT / "contracts/schemas/org.enlace.referral.created.v1.json").read_text()
    )["$defs"]["Category"]["x-known-values"]

    assert "restricted" in known
    assert {"mental-health", "immigration", "domestic-violence"}.isdisjoint(known)


def test_an_invented_id_is_a_uuid7_and_the_same_for_one_thing() -> None:
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        invented_id("family"),
    )
    assert invented_id("family") == invented_id("family")
    assert invented_id("family") != invented_id("student")


class TestPages:
    def test_one_a_topic_and_one_in_front(self) -> None:
        assert set(pages()) == {"README.md", *(f"{topic.name}.md" for topic in TOPICS)}

    @every_class
    def test_the_example_on_the_page_is_one_of_its_schema(self, kind: type[Event]) -> None:
        page = (ROOT / "docs/events" / f"{kind.TOPIC.name}.md").read_text()
        section = page.split(f"\n## {kind.__name__}\n")[1].split("\n## ")[0]
        headers, body = (
            json.loads(block) for block in re.findall(r"```json\n(.*?)```", section, re.DOTALL)
        )

        assert _faults(headers_schema(), headers) == []
        assert _faults(open_schema(kind), body) == []
        assert headers["ce_type"] == kind.TYPE
        assert headers["ce_subject"] == kind.model_validate(body).key
        assert f"Record key `{headers['ce_subject']}`" in section

    def test_every_link_leads_somewhere(self) -> None:
        for name, page in pages().items():
            headings = {head.lower() for head in re.findall(r"^#+ (\S+)$", page, re.MULTILINE)}
            for link in re.findall(r"\]\(([^)]+)\)", page):
                if link.startswith("#"):
                    assert link[1:] in headings, f"{name}: {link}"
                elif not link.startswith("https:"):
                    assert (ROOT / "docs/events" / link).exists(), f"{name}: {link}"

    def test_no_template_mark_is_left(self) -> None:
        assert not re.search(r"\$[a-z{]", pages()["README.md"])


class TestAsyncApi:
    def test_is_committed(self) -> None:
        assert json.loads((ROOT / files.ASYNCAPI).read_text()) == asyncapi()


def _run(*arguments: str, root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - this interpreter and our own module
        [sys.executable, "-m", "contracts.generate", *arguments, "--root", str(root)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


class TestCommand:
    def test_writes_everything_and_then_finds_it_current(self, tmp_path: Path) -> None:
        first = _run("--baseline", root=tmp_path)
        again = _run("--check", root=tmp_path)

        assert (first.returncode, again.returncode) == (0, 0), first.stdout + again.stdout
        assert again.stdout == "Everything is current, and no reader would break.\n"

    def test_check_names_file_and_command_and_writes_nothing(self, tmp_path: Path) -> None:
        files.write(tmp_path)
        page = tmp_path / "docs/events/people.md"
        page.write_text("changed by hand")
        stray = tmp_path / "contracts/schemas/org.enlace.gone.v1.json"
        stray.write_text("{}")
        (tmp_path / "contracts/asyncapi.json").unlink()

        result = _run("--check", root=tmp_path)

        assert result.returncode == 1
        assert result.stdout.splitlines() == [
            "contracts/asyncapi.json is missing",
            "contracts/schemas/org.enlace.gone.v1.json belongs to no message any more",
            "docs/events/people.md is not current",
            "Run `python -m contracts.generate` and commit what it changes.",
            "There is no baseline to compare with. Run `python -m contracts.generate --baseline`.",
        ]
        assert page.read_text() == "changed by hand"
        assert stray.exists()

    def test_a_break_fails_and_is_not_taken_into_the_baseline(self, tmp_path: Path) -> None:
        files.write(tmp_path)
        remembered = tmp_path / "contracts/baseline/v0.1.json"
        remembered.parent.mkdir()
        gone = {"topic": "referrals", "schema": {"type": "object"}}
        before = json.dumps({"topics": {}, "types": {"org.enlace.referral.gone.v1": gone}})
        remembered.write_text(before)

        result = _run("--baseline", root=tmp_path)

        assert result.returncode == 1
        assert result.stdout.splitlines() == [
            (
                "Would break readers: topic referrals, org.enlace.referral.gone.v1: the type was "
                "removed. Put the class back, since its records stay for ever. A new form is a "
                "class of type org.enlace.referral.gone.v2 beside it, with an upcast from .v1."
            ),
            "The baseline was left as it is.",
        ]
        assert remembered.read_text() == before

    def test_findings_are_told_to_programs_too(self, tmp_path: Path) -> None:
        files.write(tmp_path)
        (tmp_path / "docs/events/people.md").unlink()

        result = _run("--check", "--json", root=tmp_path)

        assert result.returncode == 1
        assert json.loads(result.stdout) == {
            "files": [{"path": "docs/events/people.md", "matter": "is missing"}],
            "breaks": [],
        }

    def test_check_and_baseline_together_are_a_misuse(self, tmp_path: Path) -> None:
        assert _run("--check", "--baseline", root=tmp_path).returncode == 2
        assert list(tmp_path.iterdir()) == []
