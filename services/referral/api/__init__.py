"""Referral's HTTP API: one module a subject; each turns a request into a command."""
