"""One MongoDB user a service: its own database, and what else it needs."""

from pymongo import MongoClient

from deploy.local.servers.infra import Mongo
from deploy.local.servers.mongod import ensure_service_user
from deploy.local.servers.secret import secret_file
from deploy.local.system.places import CELL, SERVICES, Home

_BESIDE = {
    "referral": {"keys_people": "readWrite", "keys_askers": "readWrite"},
    "partner": {"keys_agencies": "readWrite", "partner_sandbox": "readWrite"},
    "reporting": {"keys_people": "read"},
    # A text from a number that nobody knows is sealed before anybody else sees it.
    "notify": {"keys_people": "read", "keys_agencies": "read", "keys_askers": "readWrite"},
}


def databases_of(service: str) -> dict[str, str]:
    """Return the role of a service's user by database, both without the cell's prefix."""
    return {service: "readWrite", **_BESIDE.get(service, {})}


def make_users(mongo: Mongo, home: Home) -> dict[str, str]:
    """Make or renew every service's user; return connection strings by service.

    Args:
        mongo: the running server.
        home: where the passwords are kept.

    Raises:
        PyMongoError: the server refused.
    """
    found = {}
    with MongoClient[dict[str, object]](mongo.admin_uri) as admin:
        for service in SERVICES:
            password = secret_file(home.secrets / service)
            user = f"{CELL}_{service}"
            roles = {f"{CELL}_{name}": role for name, role in databases_of(service).items()}
            ensure_service_user(admin, user, password, roles)
            found[service] = mongo.user_uri(user, password)
    return found
