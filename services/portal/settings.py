"""Settings of the portal."""

from datetime import timedelta

from pydantic import SecretStr

from services.chassis.settings import ServiceSettings


class PortalSettings(ServiceSettings):
    """What the portal is told besides what every service is.

    Attributes:
        oidc_client: the portal's name at the OpenID provider.
        oidc_secret: its secret there; the local provider takes any.
        session_lifetime: how long somebody stays signed in at most.
        watch_every: how often the timeline of a referral that somebody watches is looked at.
        watch_for: how long one watch lasts; the page then opens the next.
    """

    oidc_client: str = "enlace-portal"
    oidc_secret: SecretStr = SecretStr("local")
    session_lifetime: timedelta = timedelta(hours=8)
    watch_every: timedelta = timedelta(seconds=1)
    watch_for: timedelta = timedelta(minutes=10)

    @property
    def secure(self) -> bool:
        """Whether people reach the portal by https: cookies are then bound to it."""
        return self.public_url.startswith("https://")
