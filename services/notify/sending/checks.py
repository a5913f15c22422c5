"""Asks referral, at the moment of sending, whether a message may still go out."""

from datetime import datetime
from enum import Enum

import httpx2
import structlog

from contracts.codes import NotSentReason
from services.chassis.auth import ServiceIdentity
from services.notify.model.message import Message

log = structlog.get_logger()


class Leave(Enum):
    """What came of asking, beside a refusal, which has its reason."""

    GIVEN = "given"
    UNREACHABLE = "unreachable"


class MessageChecks:
    """Referral's `POST /v1/message-checks`, asked as a service.

    Args:
        url: of referral.
    """

    def __init__(self, url: str, identity: ServiceIdentity, http: httpx2.AsyncClient) -> None:
        self._url = f"{url.rstrip('/')}/v1/message-checks"
        self._identity = identity
        self._http = http

    async def ask(self, message: Message) -> Leave | NotSentReason | datetime:
        """Return leave, the reason of a refusal, until when to wait, or that nobody answered.

        Without a clear answer nothing is sent: the message waits.
        """
        body = {
            "referral": message.referral,
            "template": message.template.value,
            "person": message.person,
            "round": message.round,
            "claim": message.claim,
            "appointment": message.appointment.isoformat() if message.appointment else None,
        }
        token = self._identity.token("referral")
        try:
            answer = await self._http.post(
                self._url, json=body, headers={"Authorization": f"Bearer {token}"}
            )
            if not answer.is_success:
                log.warning("checks.refused", message=message.id, status=answer.status_code)
                return Leave.UNREACHABLE
            verdict = answer.json()
            if verdict["may_send"] is True:
                return Leave.GIVEN
            if verdict.get("wait_until") is not None:
                return datetime.fromisoformat(verdict["wait_until"])
            return NotSentReason(verdict.get("reason") or NotSentReason.OTHER)
        except (httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("checks.unreachable", message=message.id, error=type(error).__name__)
            return Leave.UNREACHABLE
