"""The commands of `enlace`, one module a subject."""
