"""Reads the service directories that other systems export."""

from services.partner.directory.model import DirectoryPackage, Format
from services.partner.directory.read import read_directory

__all__ = ["DirectoryPackage", "Format", "read_directory"]
