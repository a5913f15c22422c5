"""Where Python keeps what it has compiled, for the many processes of one system."""

import os

from deploy.local.servers.jars import cache_folder


def environment() -> dict[str, str]:
    """Return the variables by which processes share compiled modules.

    Where the surroundings forbid to write them beside the sources (`PYTHONDONTWRITEBYTECODE`),
    each of a dozen processes would compile a thousand modules anew at every start: half of the
    work of starting. Then they are kept with the downloads instead.
    """
    if not os.environ.get("PYTHONDONTWRITEBYTECODE") or os.environ.get("PYTHONPYCACHEPREFIX"):
        return {}
    return {
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(cache_folder() / "bytecode"),
    }
