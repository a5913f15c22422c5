"""The pages: one module a subject; each reads from the services and fills a template."""
