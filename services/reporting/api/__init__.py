"""Reporting's HTTP API: one module a subject."""
