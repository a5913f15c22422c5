"""Where a local system keeps its things, and on which ports its parts listen."""

from dataclasses import dataclass
from pathlib import Path

from deploy.local.servers.ports import LOOPBACK, is_free

ROOT = Path(__file__).resolve().parents[3]
DEFAULT_HOME = ROOT / ".local"
DEFAULT_BASE = 8400
_LAST_BASE = 65_000
CELL = "enlace"
SERVICES = ("referral", "partner", "notify", "reporting", "portal")
"""In the order of their start; they stop in the reverse one."""
WITH_EVENTS = tuple(name for name in SERVICES if name != "portal")
"""Those that own an event log."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Every part's port, a fixed distance from the base.

    Attributes:
        base: the portal's port.
    """

    base: int = DEFAULT_BASE

    @property
    def portal(self) -> int:
        """The web pages."""
        return self.base

    @property
    def oidc(self) -> int:
        """The identity provider."""
        return self.base + 5

    @property
    def carrier(self) -> int:
        """The carrier simulator with its phones."""
        return self.base + 6

    @property
    def mail(self) -> int:
        """The mail sink's page."""
        return self.base + 7

    @property
    def viewer(self) -> int:
        """The event viewer."""
        return self.base + 8

    @property
    def mongod(self) -> int:
        """MongoDB."""
        return self.base + 17

    @property
    def smtp(self) -> int:
        """The mail sink's SMTP."""
        return self.base + 25

    @property
    def kafka(self) -> int:
        """Kafka."""
        return self.base + 92

    def service(self, name: str) -> int:
        """Return a service's port."""
        return (
            self.base
            + {"portal": 0, "referral": 1, "partner": 2, "notify": 3, "reporting": 4}[name]
        )

    def by_name(self) -> dict[str, int]:
        """Return every port by the name of the part that listens there."""
        own = {name: self.service(name) for name in SERVICES}
        return own | {
            "oidc": self.oidc,
            "carrier": self.carrier,
            "mail": self.mail,
            "viewer": self.viewer,
            "mongod": self.mongod,
            "smtp": self.smtp,
            "kafka": self.kafka,
        }

    def others(self) -> "Ports":
        """Return the next ones by the thousand that are free; where none are, the next."""
        further = [Ports(base) for base in range(self.base + 1_000, _LAST_BASE, 1_000)]
        wanted = further or [Ports(DEFAULT_BASE)]
        free = (each for each in wanted if all(map(is_free, each.by_name().values())))
        return next(free, wanted[0])


def url(port: int) -> str:
    """Return the address of a port on this machine, without a slash at the end."""
    return f"http://{LOOPBACK}:{port}"


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one local system.

    Attributes:
        path: the folder itself; made when it is missing.
    """

    path: Path

    @property
    def keys(self) -> Path:
        """The installation's keys."""
        return self.path / "keys"

    @property
    def clock(self) -> Path:
        """The movable clock."""
        return self.path / "clock.json"

    @property
    def sites(self) -> Path:
        """The district's schools."""
        return self.path / "sites.json"

    @property
    def state(self) -> Path:
        """What the other commands read: addresses, process ids, versions."""
        return self.path / "state.json"

    @property
    def lock(self) -> Path:
        """Held by the one `enlace up` of this folder."""
        return self.path / "up.lock"

    @property
    def secrets(self) -> Path:
        """Passwords that the system makes for itself."""
        return self.path / "secrets"

    @property
    def district(self) -> Path:
        """Written once the sample district is complete."""
        return self.path / "district.json"

    @property
    def district_begun(self) -> Path:
        """Written when the sample district is begun: until then nothing of it is there."""
        return self.path / "district.begun"

    @property
    def republishing(self) -> Path:
        """There while Kafka is filled anew: topics may lack what the event logs hold."""
        return self.path / "republish.begun"

    def part(self, name: str) -> Path:
        """Return the folder of one part: its data, log and pid file."""
        return self.path / "parts" / name

    @property
    def parts(self) -> Path:
        """The folders of all parts."""
        return self.path / "parts"

    def data(self) -> tuple[Path, ...]:
        """Return everything that a reset throws away, and nothing that others keep here."""
        return (
            self.parts,
            self.keys,
            self.secrets,
            self.clock,
            self.sites,
            self.state,
            self.district,
            self.district_begun,
            self.republishing,
        )
