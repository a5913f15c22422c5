"""Kafka's jars: only what the lock names gets into the cache, and a full cache needs no network."""

from pathlib import Path

import pytest

from deploy.local.servers import jars
from deploy.local.servers.jars import JarError

_SMALL = "org.slf4j:slf4j-simple"  # 15 kB


def _lock(folder: Path, *, sha256: str | None = None) -> Path:
    """Write a lock of the smallest jar alone, with another sum when one is given."""
    (jar,) = (one for one in jars.read_lock() if one.coordinate.startswith(_SMALL))
    path = folder / "kafka-jars.lock"
    path.write_text(f"# a comment\n{jar.coordinate} {sha256 or jar.sha256}\n")
    return path


def test_a_jar_with_the_right_sum_is_kept_and_not_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = _lock(tmp_path)
    (jar,) = jars.class_path(lock, tmp_path)
    assert jars.sha256_of(jar) == jars.read_lock(lock)[0].sha256

    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nobody there: no network from here
    assert jars.class_path(lock, tmp_path) == [jar]
    assert sorted(path.name for path in jar.parent.iterdir()) == [
        jar.name,
        jar.with_suffix(".sha256").name,
    ]


def test_a_jar_with_a_wrong_sum_is_refused_and_thrown_away(tmp_path: Path) -> None:
    with pytest.raises(JarError, match=r"slf4j-simple.*expected 0{64}.*thrown away"):
        jars.class_path(_lock(tmp_path, sha256="0" * 64), tmp_path)
    assert list(tmp_path.rglob("*.jar")) == []


def test_a_cached_jar_does_not_stand_for_another_sum(tmp_path: Path) -> None:
    jars.class_path(_lock(tmp_path), tmp_path)
    with pytest.raises(JarError, match="is not the file"):
        jars.class_path(_lock(tmp_path, sha256="0" * 64), tmp_path)


def test_without_a_network_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(JarError, match=r"cannot be fetched.*Check the network"):
        jars.class_path(_lock(tmp_path), tmp_path)


def test_the_lock_names_the_broker_and_no_address() -> None:
    text = jars.LOCK.read_text()
    assert "org.apache.kafka:kafka_2.13:4.3.1 " in text
    assert "://" not in text
    assert all(len(jar.sha256) == 64 for jar in jars.read_lock())


def test_the_cache_is_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENLACE_CACHE", str(tmp_path / "elsewhere"))
    assert jars.cache_folder() == tmp_path / "elsewhere"
    monkeypatch.delenv("ENLACE_CACHE")
    assert jars.cache_folder() == Path.home() / ".cache" / "enlace"


def test_an_interrupted_fetch_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    lock = _lock(tmp_path)
    (jar,) = jars.class_path(lock, tmp_path)
    jar.with_suffix(".sha256").unlink()  # killed between the two files
    jar.write_bytes(b"half")
    assert jars.class_path(lock, tmp_path) == [jar]
    assert jars.sha256_of(jar) == jars.read_lock(lock)[0].sha256
