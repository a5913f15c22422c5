"""Settings of the notify service."""

from typing import Literal

from pydantic import Field, SecretStr

from services.chassis.settings import ServiceSettings


class NotifySettings(ServiceSettings):
    """What the notify service is told besides what every service is.

    Attributes:
        twilio_url: Twilio's API, or the carrier simulator that speaks it.
        twilio_account: account SID.
        twilio_token: password of the API and key of the webhooks' signatures.
        twilio_from: our number, E.164.
        twilio_timeout: seconds to wait for the carrier's answer; after that the outcome is unknown.
        texts_by: who carries texts; `console` shows them and sends none.
        texts_a_second: what the carrier lets our number send; absent: as fast as they come.
        second_url: of a second provider that speaks Twilio's API, for when the first cannot; not
            set, there is none. The other `second_…` are what `twilio_…` are to the first.
        callback_url: where the carrier reaches this service; `notify_url` where it is not set.
        smtp_security: how the connection to the mail server is protected.
        mail_from: sender's address of every mail.
        mail_tagged: whether the address says which school writes, as `enlace+site-01@…`; only where
            the mail server takes such addresses.
        texts_a_week: texts that a family's contact gets in seven days, but for the exempt ones.
        outgoing_at_first: where the switch of all that goes out stands before anybody turned it; an
            installation that brings in a district's people texts nobody until somebody says so.
        requests_a_day: requests for help that are taken from one number in 24 hours, but for those
            whose words may tell of danger.
    """

    twilio_url: str = "https://api.twilio.com"
    twilio_account: str
    twilio_token: SecretStr
    twilio_from: str
    twilio_timeout: float = Field(default=15.0, gt=0, le=40)
    texts_by: Literal["twilio", "console"] = "twilio"
    texts_a_second: float | None = Field(default=None, gt=0, le=1_000)
    second_url: str | None = None
    second_account: str = ""
    second_token: SecretStr = SecretStr("")
    second_from: str = ""
    callback_url: str | None = None
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    smtp_timeout: float = Field(default=15.0, gt=0, le=40)
    mail_from: str = "enlace@localhost"
    mail_tagged: bool = False
    texts_a_week: int = Field(default=2, ge=0)
    requests_a_day: int = Field(default=5, ge=1)
    outgoing_at_first: bool = True

    @property
    def callbacks(self) -> str:
        """The address that carriers' webhooks start with, without a slash at the end."""
        return (self.callback_url or self.notify_url).rstrip("/")
