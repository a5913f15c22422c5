"""Ask every service whether it can do its work; run by `helm test` in one of the images."""

import os
import sys
import time
import urllib.error
import urllib.request

DEADLINE = time.monotonic() + 120


def said(url: str) -> str:
    """Return what keeps a service from its work; empty where nothing does."""
    try:
        with urllib.request.urlopen(f"{url}/ready", timeout=8) as answer:  # noqa: S310 - our own
            answer.read()
    except urllib.error.HTTPError as error:
        return error.read().decode(errors="replace")
    except OSError as error:
        return str(error)
    return ""


def main() -> int:
    """Wait until all are ready; tell those that are not."""
    waiting = dict.fromkeys(os.environ["SERVICES"].split(), "not asked")
    while waiting and time.monotonic() < DEADLINE:
        waiting = {url: why for url in waiting if (why := said(url))}
        if waiting:
            time.sleep(2)
    for url, why in waiting.items():
        sys.stderr.write(f"{url} is not ready: {why}\n")
    sys.stdout.write("" if waiting else "Every service is ready.\n")
    return 1 if waiting else 0


if __name__ == "__main__":
    sys.exit(main())
