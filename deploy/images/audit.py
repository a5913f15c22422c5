"""Ask the advisory database of the Python packages about what the images hold.

``python -m deploy.images.audit``: exit 0 where nothing is known, 1 where something is. Where no
database can be reached it says so and exits 0: a machine without the network cannot know.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LOCK = Path(__file__).with_name("requirements.lock")


def main() -> int:
    """Ask, and tell; return the exit code."""
    asked = subprocess.run(  # noqa: S603 - this environment's own tool
        [
            *(sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes"),
            *("--requirement", str(LOCK), "--progress-spinner", "off", "--format", "json"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found: Sequence[Mapping[str, Any]] = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = (asked.stderr.strip().splitlines() or ["no answer"])[-1]
        sys.stderr.write(f"skipped: no advisory database could be reached ({last})\n")
        return 0
    told, code = verdict(found)
    sys.stderr.write(told + "\n")
    return code


def verdict(found: Sequence[Mapping[str, Any]]) -> tuple[str, int]:
    """Return what to tell of an answer, and the exit code.

    Args:
        found: a row a package: `name`, and either `vulns` or `skip_reason`.
    """
    unknown = [each for each in found if "skip_reason" in each]
    if len(unknown) == len(found):
        return "skipped: the package index here has no advisories", 0
    lines = [
        f"{each['name']} {each['version']}: {advisory['id']}, mended in "
        f"{', '.join(advisory['fix_versions']) or 'no version yet'}"
        for each in found
        for advisory in each.get("vulns", ())
    ]
    lines += [f"{each['name']}: not asked about" for each in unknown]
    if not lines:
        return f"Nothing is known of the {len(found)} packages.", 0
    return "\n".join(lines), 1


if __name__ == "__main__":
    sys.exit(main())
