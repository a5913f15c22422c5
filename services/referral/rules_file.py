"""The rules that a district begins with, from a file; and the schema that an editor checks it by.

`python -m services.referral.rules_file` writes the schema anew, or checks a file of rules.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from services.referral.model.rules import Rules

SCHEMA = Path(__file__).with_name("rules.schema.json")


class RulesFileError(Exception):
    """The file holds no rules; the text names each place and what to do."""


def first_rules(path: Path | None) -> Rules:
    """Read a file of rules (YAML, or JSON); without one, every rule is at its default.

    Raises:
        RulesFileError: it cannot be read, or a rule is not as it must be.
    """
    if path is None:
        return Rules()
    try:
        return Rules.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise RulesFileError(
            f"{path} is no YAML{place}. Nothing was stored: mend that place, or begin with the "
            "example in docs/rules.md."
        ) from None
    except OSError as error:
        raise RulesFileError(
            f"The rules in {path} cannot be read ({error.strerror}). Mend ENLACE_RULES_FILE, or "
            "leave it out to begin with the defaults."
        ) from None
    except ValidationError as error:
        faults = (
            f"  {'.'.join(str(part) for part in fault['loc']) or 'the file'}: {fault['msg']}"
            for fault in error.errors(include_input=False)
        )
        raise RulesFileError(
            f"The rules in {path} are not as they must be. Nothing was stored; mend these:\n"
            + "\n".join(faults)
        ) from None


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a file of rules."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://enlace.org/schemas/rules.json",
        **Rules.model_json_schema(),
    }


def schema_text() -> str:
    """Return the schema as it is committed."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Check a file of rules; without one, write the schema anew. Return the exit code.

    1: a rule is not as it must be.
    """
    parser = argparse.ArgumentParser(description="Check a file of rules, or write their schema.")
    parser.add_argument("file", type=Path, nargs="?", help="of rules to check; nothing is stored")
    file: Path | None = parser.parse_args().file
    if file is None:
        SCHEMA.write_text(schema_text(), encoding="utf-8", newline="\n")
        sys.stdout.write(f"{SCHEMA.name} written.\n")
        return 0
    try:
        first_rules(file)
    except RulesFileError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("The rules are as they must be.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
