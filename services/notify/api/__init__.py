"""Notify's HTTP API: staff read what was sent, carriers report and hand over answers."""
