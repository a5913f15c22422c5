"""The local system's mail sink as a process."""

from pathlib import Path

from deploy.local.servers import ports
from deploy.local.servers.module import ModuleServer


class MailServer(ModuleServer):
    """The mail sink; a new start on its folder finds its messages again.

    Args:
        home: folder of its messages, log and pid file.
        smtp_port: loopback port that takes mail.
        http_port: loopback port of its page and API.
    """

    def __init__(self, home: Path, smtp_port: int, http_port: int) -> None:
        self.smtp_port = smtp_port
        places = ("--smtp-port", str(smtp_port), "--http-port", str(http_port), "--home", home)
        super().__init__(
            "mail",
            home,
            "deploy.local.mail",
            http_port,
            arguments=places,
            ready="/api/messages?limit=1",
        )

    def start(self, timeout: float = 30) -> None:
        """Start the sink and wait until it is ready.

        Args:
            timeout: seconds to wait.

        Raises:
            PortInUseError: somebody else listens on one of its ports.
            AlreadyRunningError: another live run owns this folder's sink.
            ServerError: it ended or was not ready in time.
        """
        self._process.stop_leftover()
        ports.require_free(self.smtp_port, "The mail sink")
        super().start(timeout)
