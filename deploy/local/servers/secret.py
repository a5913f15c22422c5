"""Secrets that a local server makes for itself."""

import secrets
from pathlib import Path


def secret_file(path: Path) -> str:
    """Return the secret kept in a file, made on first use and readable by its owner alone.

    Args:
        path: the file, in a folder that is made when it is missing.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text()
