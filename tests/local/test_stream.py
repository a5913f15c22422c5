"""What people watch: no record, whatever stands in it, keeps an onlooker from seeing the others."""

import json
from pathlib import Path

import httpx2
import pytest

from contracts import cloudevents
from deploy.local.commands.events import print_events
from deploy.local.servers.module import ModuleServer
from deploy.local.servers.ports import free_port
from deploy.local.servers.process import start_time
from deploy.local.system import lock, parts, state
from deploy.local.system.places import Home, Ports
from deploy.local.viewer.app import create_app
from services.chassis.events.topics import make_topics
from tests.chassis.build import STREAM, completed, envelope, eventually, producer
from tests.chassis.consumer.test_poison import mangled
from tests.local.running import enlace, free_base
from tests.servers import Cell

Headers = list[tuple[str, bytes]]

BODY = completed("bad").model_dump_json().encode()


def headers(key: str, **changes: str) -> Headers:
    given = dict(cloudevents.encode(envelope(completed(key), 1)))
    return list((given | {name: text.encode() for name, text in changes.items()}).items())


STRANGE: list[tuple[Headers, bytes]] = [
    (headers("bad"), b"[" * 200_000),
    (headers("bad"), b"\xff"),
    (headers("bad"), b"3"),
    ([], BODY),
    (headers("bad", ce_time="0001-01-01T00:00:00+00:00"), BODY),
]


async def fill(cell: Cell) -> None:
    """Send to one partition what cannot be read, what must not be shown so, and a good one."""
    await make_topics(cell.kafka, cell.name)
    topic = f"{cell.name}.{STREAM}"
    async with producer(cell) as sender:
        for strange, value in STRANGE:
            await sender.send_and_wait(topic, value, key=b"bad", headers=strange, partition=0)
        batch = sender.create_batch()
        marked = [*headers("bad"), ("ce_marked", b"x")]
        batch.append(timestamp=None, key=b"bad", value=BODY, headers=marked)
        batch._buffer = mangled(batch._build(), b"ce_marked", b"\xff\xfe_marked")
        await (await sender.send_batch(batch, topic, partition=0))
        escape = headers("bad", ce_subject="\x1b[31m\nred")
        await sender.send_and_wait(topic, BODY, key=b"bad", headers=escape, partition=0)
        value = completed("good").model_dump_json().encode()
        await sender.send_and_wait(topic, value, key=b"good", headers=headers("good"), partition=0)


TYPES = ["unreadable"] * (len(STRANGE) + 1) + ["referral.completed"] * 2


async def test_what_cannot_be_read_is_listed_as_such_and_the_rest_goes_on(
    cell: Cell, capsys: pytest.CaptureFixture[str]
) -> None:
    await fill(cell)

    await print_events(cell.kafka, cell.name, None, follow=False, as_json=True)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    await print_events(cell.kafka, cell.name, None, follow=False, as_json=False)
    lines = capsys.readouterr().out.splitlines()

    assert sorted(each["type"] for each in told) == sorted(TYPES)
    assert sorted(each["offset"] for each in told) == list(range(len(TYPES)))
    (good,) = [each for each in told if each["key"] == "good"]
    assert (good["type"], good["sequence"]) == ("referral.completed", 1)
    assert len(lines) == len(TYPES)
    assert all(line.isprintable() for line in lines)


async def test_the_viewer_shows_them_and_goes_on(cell: Cell) -> None:
    await fill(cell)
    app = create_app(cell.kafka, cell.name)
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://localhost") as http,
    ):

        async def shown() -> bool:
            return len((await http.get("/api/events")).json()) == len(TYPES)

        await eventually(shown, "all of it", seconds=60)
        found = (await http.get("/api/events")).json()
        assert sorted(each["type"] for each in found) == sorted(TYPES)
        assert (await http.get("/")).is_success
        assert (await http.get("/ready")).json() == {"reading": True}


def test_a_viewer_that_does_not_read_is_not_ready(tmp_path: Path) -> None:
    home, ports = Home(tmp_path), Ports(free_base())
    viewer = parts.viewer(home, ports, f"127.0.0.1:{free_port()}")  # nobody is there
    viewer.start(60)
    try:
        with lock.held(home):
            state.write(home, _told(home, ports, viewer))
            done = enlace("status", "--json", home=tmp_path)
    finally:
        viewer.stop()

    assert done.returncode == 1
    (part,) = json.loads(done.stdout)["parts"]
    assert part["state"] == "not ready"


def _told(home: Home, ports: Ports, viewer: ModuleServer) -> state.State:
    pid = lock.holder(home)
    assert pid is not None
    assert viewer.pid is not None
    started = start_time(viewer.pid)
    part = state.Part(pid=viewer.pid, started=started, port=viewer.port, log=viewer.log_path)
    return state.State(
        version="0",
        phase="running",
        pid=pid,
        base=ports.base,
        kafka="",
        parts={"viewer": part},
    )
