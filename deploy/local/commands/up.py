"""`enlace up`: start the whole system, and stop it in order."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import FrameType
from typing import Annotated

import typer

from deploy.local.commands.common import DEFAULT, CommandError, HomeOption, out
from deploy.local.commands.republish import republished
from deploy.local.commands.voice import spoken
from deploy.local.demo.run import run_demo
from deploy.local.district.make import (
    first_day,
    has_room_for_a_past,
    is_begun,
    is_made,
    make_district,
)
from deploy.local.system import clock, lock, state
from deploy.local.system.disk import told
from deploy.local.system.places import DEFAULT_BASE, SERVICES, Home, Ports, url
from deploy.local.system.republish import RepublishError
from deploy.local.system.running import Say, System
from deploy.local.system.watch import watch

_LAST_BASE = 65_000
_INTERRUPTED_CODE = 130  # as a shell tells it; who asked to be shown everything has not seen it
_INTERRUPTED = 15.0  # seconds for interrupted work to notice


def up(
    *,
    home: HomeOption = DEFAULT,
    demo: Annotated[
        bool, typer.Option("--demo", help="With the sample district, and one referral's round.")
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="Stop again once everything has been shown.")
    ] = False,
    history: Annotated[
        bool, typer.Option("--history/--no-history", help="Three months of the sample's past.")
    ] = True,
    without: Annotated[
        list[str] | None, typer.Option(help="Leave a service out; to be repeated.")
    ] = None,
    port_base: Annotated[
        int,
        typer.Option(
            "--port-base", min=1024, max=_LAST_BASE, help="The portal's port; others follow."
        ),
    ] = DEFAULT_BASE,
) -> None:
    """Start the whole system on this machine; Ctrl-C stops it and keeps its data."""
    ended = threading.Event()
    place = Home(home.resolve())
    try:
        with lock.held(place), _signals(ended), spoken("Starting") as say:
            system = System(place, Ports(port_base), say, without=without or ())
            _run(system, ended, say, demo=demo, once=once, history=history)
    except OSError as error:
        raise CommandError(told(error, place.path)) from error


def _run(
    system: System, ended: threading.Event, say: Say, *, demo: bool, once: bool, history: bool
) -> None:
    try:
        fresh = not is_begun(system.home)
        today = clock.first_morning(datetime.now(clock.ZONE).date())
        past = demo and history and fresh and has_room_for_a_past(system.home, today.date())
        _start(system, ended, first_day(today.date()) if past else today)
        if system.home.republishing.exists() and not ended.is_set():
            _end_republishing(system, ended, say)
        if demo and not ended.is_set():
            _make_district(system, ended, say, fresh=fresh, history=past, once=once)
        if ended.is_set():
            raise typer.Exit(_INTERRUPTED_CODE if once else 0)
        _show(system)
        if not once:
            watch(system, ended, say)
    finally:
        if system.begun:
            say("Stopping")
            system.stop()
            say("Stopped. The data stays: enlace up goes on with it, enlace reset throws it away.")


def _start(system: System, ended: threading.Event, first_now: datetime) -> None:
    """Start the system so that a signal can interrupt it.

    Raises:
        ServerError: a part cannot start.
    """
    # Stopped, what is being started ends, so that nothing waits for it.
    _interruptible(lambda: system.start(first_now), ended, system.stop)


def _end_republishing(system: System, ended: threading.Event, say: Say) -> None:
    """Fill Kafka where `enlace republish` was interrupted: topics may lack what was published."""
    home = system.home
    say("enlace republish was interrupted; it is brought to its end")

    def work() -> None:
        republished(state.read(home), home, say)

    try:
        _interruptible(work, ended, lambda: None)
    except (CommandError, RepublishError) as error:
        say(f"It could not be: {error}")


def _make_district(
    system: System,
    ended: threading.Event,
    say: Say,
    *,
    fresh: bool,
    history: bool,
    once: bool,
) -> None:
    """Make the sample district where there is none, and send one referral round the loop.

    A system that goes on with yesterday's data sends none: it would move the clock each morning.

    Raises:
        ServerError: the district cannot be made, or the referral did not come round.
        CommandError: there is half a district, and the loop was asked for.
    """
    home = system.home
    made = is_made(home)
    if made and not once:
        return
    if not made and not fresh:
        lacking = "The sample district is not whole. For a fresh one: enlace reset, then again."
        if once:
            raise CommandError(lacking)
        say(lacking)
        return

    def work() -> None:
        if not made:
            kafka = system.kafka.bootstrap
            asyncio.run(make_district(system.ports, home, kafka, say, history=history))
        say("One referral goes round the loop (again: enlace demo)")
        asyncio.run(run_demo(state.read(home), home, say))

    _interruptible(work, ended, lambda: None)


def _interruptible(
    work: Callable[[], None], ended: threading.Event, interrupt: Callable[[], None]
) -> None:
    """Do work in a thread of its own; where `ended` is set meanwhile, interrupt it."""
    failed: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            failed.append(error)

    # A daemon: what waits for a stopped system must not hold the end up.
    worker = threading.Thread(target=guarded, name="work", daemon=True)
    worker.start()
    while worker.is_alive() and not ended.is_set():
        worker.join(0.1)
    if ended.is_set():
        interrupt()
        worker.join(_INTERRUPTED)
    elif failed:
        raise failed[0]


def _show(system: System) -> None:
    """Say what is where."""
    ports = system.ports
    out.print(f"\nIt is [b]{clock.now(system.home):%A, %-d %B %Y, %H:%M}[/b] in the local system.")
    lines = [("Portal", url(ports.portal), "sign in as any persona: enlace personas")]
    lines += [
        ("Phones", url(ports.carrier), "every text, and a box to answer as the family"),
        ("Mail", url(ports.mail), "what agencies are sent"),
        ("Events", url(ports.viewer), "what passes through Kafka, live"),
    ]
    lines += [
        (f"API {name}", url(ports.service(name)) + "/docs", "")
        for name in SERVICES
        if name != "portal" and name in system.servers
    ]
    for name, where, what in lines:
        out.print(f"  {name:<14} {where:<34} {what}".rstrip())


@contextmanager
def _signals(ended: threading.Event) -> Iterator[None]:
    """Turn Ctrl-C, SIGTERM and a closed terminal into a request to stop in order."""

    def ask(number: int, frame: FrameType | None) -> None:
        del number, frame
        ended.set()

    kinds = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {kind: signal.signal(kind, ask) for kind in kinds}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
