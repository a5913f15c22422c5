"""What can go wrong while a local server is prepared, started or stopped."""


class ServerError(RuntimeError):
    """A local server cannot do what was asked; the message says why and what to do next."""


class PortInUseError(ServerError):
    """Somebody else listens on the port that a server was given."""


class AlreadyRunningError(ServerError):
    """A live process owns the server of this home folder; it is not a leftover."""
