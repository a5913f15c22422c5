"""A simulator and a product to talk to, both real servers on loopback."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import httpx2
from pydantic import SecretStr
from twilio.http.http_client import (  # type: ignore[import-untyped] # it publishes no types
    TwilioHttpClient,
)
from twilio.request_validator import (  # type: ignore[import-untyped] # it publishes no types
    RequestValidator,
)
from twilio.rest import Client  # type: ignore[import-untyped] # it publishes no types

from deploy.local.carrier.app import CarrierServer
from deploy.local.carrier.settings import Options

ACCOUNT = "AC00000000000000000000000000000001"
TOKEN = "sample-auth-token"
SERVICE = "MG00000000000000000000000000000001"
LINE = "+14155550100"
FAMILY = "+14155550123"

Found = TypeVar("Found")


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(look: Callable[[], Found], seconds: float = 60) -> Found:
    """What `look` returns once it is true."""
    until = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"still {found!r} after {seconds} seconds")
        time.sleep(0.02)


@dataclass(frozen=True)
class Received:
    """One webhook as the product got it."""

    path: str
    form: dict[str, str]
    headers: dict[str, str]
    at: float

    @property
    def status(self) -> str:
        return self.form.get("MessageStatus", self.form.get("SmsStatus", ""))


@dataclass
class Product:
    """The product's webhook receiver; it refuses what Twilio's own validator does not accept."""

    url: str
    requests: list[Received] = field(default_factory=list)
    # What to answer next: status, content type, body; then 204.
    answers: list[tuple[int, str, str]] = field(default_factory=list)
    unsigned: list[Received] = field(default_factory=list)

    def statuses(self) -> list[str]:
        return [request.status for request in self.requests]


@contextmanager
def product() -> Iterator[Product]:
    """A receiver on a free port."""
    validator = RequestValidator(TOKEN)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True))
            headers = {name.lower(): value for name, value in self.headers.items()}
            received = Received(self.path, form, headers, time.monotonic())
            here.requests.append(received)
            url = here.url + self.path
            if not validator.validate(url, form, headers.get("x-twilio-signature", "")):
                here.unsigned.append(received)
            status, kind, text = here.answers.pop(0) if here.answers else (204, "", "")
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    here = Product(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert here.unsigned == []


class Carrier:
    """A simulator that can be stopped and started again on the same home."""

    def __init__(self, home: Path, **options: Any) -> None:
        self._options: dict[str, Any] = {
            "home": home,
            "account_sid": ACCOUNT,
            "auth_token": SecretStr(TOKEN),
            "numbers": (LINE,),
            "settings": {"latency_seconds": 0, "retry_seconds": (0.05, 0.05, 0.05)},
        } | options
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = httpx2.Client(base_url=self.url, trust_env=False, timeout=60)
        self._twilio_http = TwilioHttpClient(timeout=60)
        self._twilio_http.session.trust_env = False
        self.twilio = self.client()

    def client(self, account: str = ACCOUNT, token: str = TOKEN) -> Any:
        """Twilio's own client, pointed at the simulator."""
        client = Client(account, token, http_client=self._twilio_http)
        client.api.base_url = self.url
        return client

    def start(self) -> None:
        """Serve until `stop`."""
        self._server = CarrierServer(Options(**self._options), self.port)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        eventually(lambda: self._server.started)

    def stop(self) -> None:
        """Stop as on a signal, and wait for it."""
        self._server.should_exit = True
        self._thread.join()

    def close(self) -> None:
        """Close the clients."""
        self.http.close()
        self._twilio_http.session.close()

    def send(self, body: str = "Hello", to: str = FAMILY, **more: Any) -> Any:
        """Text a family through Twilio's client."""
        more = more if "messaging_service_sid" in more else {"from_": LINE} | more
        return self.twilio.messages.create(to=to, body=body, **more)

    def rules(self, *rules: dict[str, Any]) -> None:
        """Replace the rules."""
        assert self.http.put("/sim/rules", json=list(rules)).status_code == 200

    def family_texts(self, body: str, **more: Any) -> dict[str, Any]:
        """The family texts the product."""
        path = f"/sim/phones/{FAMILY}/messages"
        response = self.http.post(path, json={"body": body} | more)
        assert response.status_code == 201, response.text
        return dict(response.json())

    def phone(self, number: str = FAMILY) -> list[dict[str, Any]]:
        """Every text of one phone."""
        return list(self.http.get(f"/sim/phones/{number}/messages").json()["messages"])

    def settled(self, status: str = "delivered", number: str = FAMILY) -> dict[str, Any]:
        """The phone's last text once it has this status."""

        def last() -> dict[str, Any] | None:
            messages = self.phone(number)
            return messages[-1] if messages and messages[-1]["status"] == status else None

        found = eventually(last)
        assert found is not None
        return found
