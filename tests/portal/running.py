"""A portal on loopback, and browsers for it as far as HTTP goes."""

from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from deploy.local.servers.oidc import OidcServer
from tests.portal.services import Services
from tests.servers import Cell

OWN = {"Sec-Fetch-Site": "same-origin"}
"""What a browser sends with a form of the page's own site."""


@dataclass(frozen=True)
class Portal:
    """A running portal and what answers behind it."""

    url: str
    services: Services
    provider: OidcServer
    clock: Path
    cell: Cell
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> str:
        """The portal's database."""
        return f"{self.cell.name}_portal"

    def cookie(self, who: str) -> str:
        """Return the session of a persona who signed in once in this run."""
        if who not in self.cookies:
            with self.client() as client:
                self.sign_in(client, who)
                self.cookies[who] = client.cookies["enlace"]
        return self.cookies[who]

    def client(self) -> httpx2.Client:
        """Return a browser that keeps cookies and follows no redirect by itself."""
        return httpx2.Client(base_url=self.url, timeout=20, trust_env=False)

    def sign_in(self, client: httpx2.Client, who: str) -> httpx2.Response:
        """Sign a persona in at the real provider, through every redirect."""
        away = client.get("/sign-in")
        assert away.status_code == 302, away.text
        back = client.post(away.headers["location"], data={"sub": who})
        done = client.get(back.headers["location"])
        assert done.status_code == 303, done.text
        return done
