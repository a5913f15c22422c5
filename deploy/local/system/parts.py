"""The processes of the local system, and what each is told."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from deploy.local.personas import PERSONAS, SITES, grades_of
from deploy.local.servers.mail import MailServer
from deploy.local.servers.module import ModuleServer
from deploy.local.servers.oidc import OidcServer
from deploy.local.servers.secret import secret_file
from deploy.local.system.places import CELL, Home, Ports, url

ACCOUNT = "AC" + "0" * 31 + "1"
"""The made-up account at the carrier simulator."""

SENDER = "+15105550100"
"""The number from which families and agencies are texted; nobody has it."""

MAIL_FROM = "enlace@district.example.org"


RULES = Path(__file__).parents[1] / "district" / "rules.yaml"
"""What the sample district lays down."""

_INBOUND = "/v1/callbacks/twilio/inbound"


def write_sites(home: Home) -> None:
    """Write the district's schools, with a coordinator and an invented telephone each."""
    names = {
        role.split(":")[1]: each.name for each in PERSONAS for role in _coordinator(each.roles)
    }
    sites = {
        site: {
            "name": name,
            "coordinator": names[site],
            "phone": f"+1510555{180 + number:04d}",
            "sis_org": f"ORG-{site}",
            "grades": grades_of(name),
        }
        for number, (site, name) in enumerate(SITES.items())
    }
    home.sites.write_text(json.dumps(sites, indent=2))


def _coordinator(roles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(role for role in roles if role.startswith("coordinator:"))


def support(home: Home, ports: Ports) -> dict[str, ModuleServer]:
    """Return what stands in for the world around the system: none of it started."""
    token = secret_file(home.secrets / "carrier")
    carrier = ModuleServer(
        "carrier",
        home.part("carrier"),
        "deploy.local.carrier",
        ports.carrier,
        env={
            "ENLACE_CARRIER_HOME": str(home.part("carrier")),
            "ENLACE_CARRIER_ACCOUNT": ACCOUNT,
            "ENLACE_CARRIER_AUTH_TOKEN": token,
            "ENLACE_CARRIER_PORT": str(ports.carrier),
            "ENLACE_CARRIER_NUMBERS": SENDER,
            "ENLACE_CARRIER_INBOUND_URL": url(ports.service("notify")) + _INBOUND,
            "ENLACE_CARRIER_CLOCK_FILE": str(home.clock),
        },
        ready="/health",
    )
    return {
        "oidc": OidcServer(home.part("oidc"), ports.oidc),
        "mail": MailServer(home.part("mail"), ports.smtp, ports.mail),
        "carrier": carrier,
    }


def viewer(home: Home, ports: Ports, kafka: str) -> ModuleServer:
    """Return the event viewer, not started."""
    return ModuleServer(
        "viewer",
        home.part("viewer"),
        "deploy.local.viewer",
        ports.viewer,
        arguments=("--kafka", kafka, "--cell", CELL, "--port", str(ports.viewer)),
        ready="/health",
    )


def service(name: str, home: Home, ports: Ports, *, kafka: str, mongo_uri: str) -> ModuleServer:
    """Return a service, not started: one process that answers, consumes and sweeps."""
    return ModuleServer(
        name,
        home.part(name),
        f"services.{name}.main",
        ports.service(name),
        env=environment(name, home, ports, kafka=kafka, mongo_uri=mongo_uri),
        ready="/ready",
    )


def environment(
    name: str, home: Home, ports: Ports, *, kafka: str, mongo_uri: str
) -> Mapping[str, str]:
    """Return what a service is told, besides this process's own variables."""
    common = {
        "ROLE": "all",
        "CELL": CELL,
        "PORT": str(ports.service(name)),
        "KAFKA": kafka,
        "MONGO_URI": mongo_uri,
        "KEYS_DIR": str(home.keys),
        "CLOCK_FILE": str(home.clock),
        "SITES_FILE": str(home.sites),
        "ISSUER": url(ports.oidc),
        "PUBLIC_URL": url(ports.portal),
        "REFERRAL_URL": url(ports.service("referral")),
        "PARTNER_URL": url(ports.service("partner")),
        "NOTIFY_URL": url(ports.service("notify")),
        "REPORTING_URL": url(ports.service("reporting")),
        "LOG_LEVEL": os.environ.get("ENLACE_LOG_LEVEL", "info"),
    }
    if name == "partner":
        common |= {"LOCAL_WEBHOOKS": "true"}
    if name == "referral":
        common["RULES_FILE"] = str(RULES)
    if name == "notify":
        common |= {
            "TWILIO_URL": url(ports.carrier),
            "TWILIO_ACCOUNT": ACCOUNT,
            "TWILIO_TOKEN": secret_file(home.secrets / "carrier"),
            "TWILIO_FROM": SENDER,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(ports.smtp),
            "MAIL_FROM": MAIL_FROM,
            "CALLBACK_URL": url(ports.service("notify")),
        }
    return {f"ENLACE_{key}": value for key, value in common.items()}


def is_written(service_name: str) -> bool:
    """Tell whether this tree holds a service."""
    from deploy.local.system.places import ROOT  # noqa: PLC0415

    return Path(ROOT, "services", service_name, "main.py").exists()
