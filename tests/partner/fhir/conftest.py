"""A running partner service whose agencies speak FHIR."""

from tests.partner.subscriptions.conftest import district

__all__ = ["district"]
