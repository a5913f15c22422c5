"""Loopback ports: free ones are free, taken ones are named with their holder."""

import os
import socket

import pytest

from deploy.local.servers import infra, ports
from deploy.local.servers.errors import PortInUseError, ServerError


def test_a_free_port_lies_below_those_of_outgoing_connections() -> None:
    port = ports.free_port()
    assert 20_000 <= port < 30_000
    ports.require_free(port, "anything")


def test_a_taken_port_is_named_with_the_process_that_holds_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            PortInUseError, match=rf"Kafka cannot listen on port {port}.*process {os.getpid()}"
        ):
            ports.require_free(port, "Kafka")


def test_an_unknown_kind_of_infrastructure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENLACE_INFRA", "vagrant")
    with pytest.raises(ServerError, match="'process' or 'docker'"):
        infra.uses_docker()


def test_docker_without_an_engine_says_to_start_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENLACE_INFRA", "docker")
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    with pytest.raises(ServerError, match="no Docker engine answers"):
        infra.uses_docker()


def test_a_platform_with_neither_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENLACE_INFRA", raising=False)
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    monkeypatch.setattr(infra, "_has_packages", lambda: False)
    with pytest.raises(ServerError, match="Install and start Docker"):
        infra.uses_docker()
