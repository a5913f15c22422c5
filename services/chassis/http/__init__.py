"""What every HTTP API of Enlace has in common."""
