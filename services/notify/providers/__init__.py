"""Who carries a message: one module a provider, each with the meaning of its codes."""
