"""Settings of the portal."""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field, SecretStr

from services.chassis.settings import ServiceSettings


class PortalSettings(ServiceSettings):
    """What the portal is told besides what every service is.

    Attributes:
        oidc_client: the portal's name at the OpenID provider.
        oidc_secret: its secret there; the local provider takes any.
        session_lifetime: how long somebody stays signed in at most.
        watch_every: how often the timeline of a referral that somebody watches is looked at.
        watch_for: how long one watch lasts; the page then opens the next.
        asks_per_network: how often an hour one network (a home, a school's Wi-Fi) may ask one
            school for help on its page.
        asks_per_school: how often an hour one school is asked there.
        insurance_codes: what agencies of the district call the insurances that schools write down;
            one that is not named here is not weighed when places are looked for.
    """

    oidc_client: str = "enlace-portal"
    oidc_secret: SecretStr = SecretStr("local")
    session_lifetime: timedelta = timedelta(hours=8)
    watch_every: timedelta = timedelta(seconds=1)
    watch_for: timedelta = timedelta(minutes=10)
    asks_per_network: int = Field(default=20, ge=1)
    asks_per_school: int = Field(default=120, ge=1)
    insurance_codes: Mapping[str, str] = {
        "medicaid": "medi-cal",
        "chip": "medi-cal",
        "private": "private",
        "uninsured": "none",
    }

    @property
    def secure(self) -> bool:
        """Whether people reach the portal by https: cookies are then bound to it."""
        return self.public_url.startswith("https://")
