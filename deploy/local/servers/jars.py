"""Kafka's jars: resolved from their Maven coordinates, held to a committed lock of sums.

``kafka-jars.lock`` names every jar by coordinates and SHA-256, and no address, so that any
mirror serves. Fetching reads the lock alone: no dependency is resolved again, and a cache that
is complete is used without a network. ``python -m deploy.local.servers.jars`` writes the lock
anew from the roots below.

A mirror of Maven Central is named in the ``[repositories]`` section of jgo's own settings file.
"""

import hashlib
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.local.servers.errors import ServerError

LOCK = Path(__file__).parents[1] / "kafka-jars.lock"

# The broker with all that it needs, and a logger that writes to standard error. Of kafka-tools
# only its own jar: what it depends on beyond that is Kafka Connect with two web servers.
KAFKA_VERSION = "4.3.1"
_RESOLVED_ROOTS = (f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}", "org.slf4j:slf4j-simple:1.7.36")
_SINGLE_JARS = (f"org.apache.kafka:kafka-tools:{KAFKA_VERSION}",)

_TIMEOUT = 60  # seconds without an answer from the repository


class JarError(ServerError):
    """A jar cannot be fetched, or is not the one that the lock names."""


@dataclass(frozen=True)
class LockedJar:
    """One line of the lock.

    Attributes:
        coordinate: ``group:artifact:version``.
        sha256: of the jar's bytes, in hexadecimal.
    """

    coordinate: str
    sha256: str


def cache_folder() -> Path:
    """Where downloads are kept: ``ENLACE_CACHE``, by default ``~/.cache/enlace``."""
    return Path(os.environ.get("ENLACE_CACHE") or Path.home() / ".cache" / "enlace")


def read_lock(path: Path = LOCK) -> list[LockedJar]:
    """Read a lock: one ``coordinate sha256`` a line, ``#`` before a comment."""
    lines = (line.partition("#")[0].split() for line in path.read_text().splitlines())
    return [LockedJar(fields[0], fields[1]) for fields in lines if fields]


def class_path(lock: Path = LOCK, cache: Path | None = None) -> list[Path]:
    """Return the jars that a lock names, fetching those that the cache lacks.

    Args:
        lock: the lock file.
        cache: folder of downloads, ``cache_folder()`` by default.

    Raises:
        JarError: a jar cannot be fetched, or its sum is not the lock's.
    """
    jars = read_lock(lock)
    folder = (cache or cache_folder()) / "jars"
    paths = [folder / f"{jar.coordinate.replace(':', '_')}.jar" for jar in jars]
    missing = [
        (jar, path) for jar, path in zip(jars, paths, strict=True) if not _is_checked(path, jar)
    ]
    if missing:
        _fetch(missing, folder)
    return paths


def _is_checked(path: Path, jar: LockedJar) -> bool:
    """Whether a jar lies in the cache under its sum.

    Only this module writes there, after it has checked the sum, which it notes beside the jar;
    reading 45 MB at every start would double the time that Kafka needs.
    """
    note = path.with_suffix(".sha256")
    return path.exists() and note.exists() and note.read_text() == jar.sha256


def _fetch(missing: Iterable[tuple[LockedJar, Path]], folder: Path) -> None:
    """Download jars side by side, each checked before it gets its final name."""
    # jgo takes a while to import and is not needed when the cache is complete.
    from jgo.config import GlobalSettings  # noqa: PLC0415
    from jgo.maven import MavenContext  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    context = MavenContext(
        # Downloads of two runs at the same time must not share a half-written file.
        repo_cache=folder / f"incoming-{os.getpid()}",
        remote_repos=GlobalSettings.load().repositories or None,
        timeout=_TIMEOUT,
    )

    def fetch(jar: LockedJar, path: Path) -> None:
        try:
            found = Path(context.create_dependency(jar.coordinate).artifact.resolve())
        except Exception as error:  # jgo and requests raise many kinds
            raise JarError(
                f"{jar.coordinate} cannot be fetched from the Maven repository: {error}. "
                "Check the network and try again; what was fetched before is kept."
            ) from error
        seen = sha256_of(found)
        if seen != jar.sha256:
            found.unlink()
            raise JarError(
                f"{jar.coordinate} is not the file that kafka-jars.lock names: its SHA-256 is "
                f"{seen}, expected {jar.sha256}. It was thrown away. If the repository is right, "
                "write the lock anew (python -m deploy.local.servers.jars) and review the change."
            )
        found.replace(path)
        path.with_suffix(".sha256").write_text(seen)

    with ThreadPoolExecutor(8) as pool:
        # list() looks at every result, so that the first error is raised.
        list(pool.map(lambda pair: fetch(*pair), missing))
    for leftover in sorted(context.repo_cache.rglob("*"), reverse=True):
        leftover.rmdir() if leftover.is_dir() else leftover.unlink()
    context.repo_cache.rmdir()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_lock(path: Path = LOCK, cache: Path | None = None) -> None:
    """Resolve the roots and write what they need to a lock."""
    from jgo.config import GlobalSettings  # noqa: PLC0415 - as above
    from jgo.maven import MavenContext  # noqa: PLC0415 - as above

    context = MavenContext(
        repo_cache=(cache or cache_folder()) / "maven",
        remote_repos=GlobalSettings.load().repositories or None,
        timeout=_TIMEOUT,
    )
    roots = [context.create_dependency(name) for name in _RESOLVED_ROOTS]
    inputs, transitive = context.resolver.resolve(roots)
    singles = [context.create_dependency(name) for name in _SINGLE_JARS]
    lines = sorted(
        f"{found.groupId}:{found.artifactId}:{found.version} "
        f"{sha256_of(Path(found.artifact.resolve()))}"
        for found in [*inputs, *transitive, *singles]
        if found.type == "jar" and found.scope in (None, "compile", "runtime")
    )
    head = "# Written by: python -m deploy.local.servers.jars"
    path.write_text("\n".join([head, *lines, ""]))


if __name__ == "__main__":
    write_lock()
