"""Sending webhooks: who may be connected to, one request, and the worker."""
