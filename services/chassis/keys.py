"""The keys of an installation: made once, kept in a folder that only its owner may read.

A local installation makes them itself; on a cluster the same files are mounted from a secret store,
made by ``python -m services.chassis.keys DIR``.
"""

import json
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from joserfc.jwk import ECKey

from services.chassis.privacy import ROOT_KEY_BYTES
from services.chassis.provider_ids import PROVIDER_KEY_BYTES

LINK_KEY_BYTES = 32
SESSION_KEY_BYTES = 32

SERVICES = ("referral", "partner", "notify", "reporting", "portal")


def make_keys(folder: Path, services: Sequence[str] = SERVICES) -> None:
    """Make every key that is missing; keys that are there stay as they are.

    Files: `root.key` unwraps every data key; `link.key` derives links; `session.key` signs the
    portal's sessions; `provider.key` seals in events the ids of who helps; `<service>.pem` signs a
    service's tokens; `services.jwks.json` checks them.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _secret(folder / "root.key", secrets.token_bytes(ROOT_KEY_BYTES))
    _secret(folder / "link.key", secrets.token_bytes(LINK_KEY_BYTES))
    _secret(folder / "provider.key", secrets.token_bytes(PROVIDER_KEY_BYTES))
    _secret(folder / "session.key", secrets.token_bytes(SESSION_KEY_BYTES))
    public = []
    for service in services:
        pem = folder / f"{service}.pem"
        _secret(pem, ECKey.generate_key("P-256").as_pem(private=True))
        key = ECKey.import_key(pem.read_bytes())
        public.append({**key.as_dict(private=False), "kid": service, "use": "sig", "alg": "ES256"})
    (folder / "services.jwks.json").write_text(json.dumps({"keys": public}, indent=2))


def _secret(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, unless it is there."""
    if path.exists():
        return
    fresh = path.with_suffix(path.suffix + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    fresh.replace(path)


if __name__ == "__main__":
    make_keys(Path(sys.argv[1]))
