"""The same running district as beside."""

from tests.partner.conftest import district

__all__ = ["district"]
