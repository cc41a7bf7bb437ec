"""A TCP proxy in front of a server on a Unix socket, which can hang, drop or slow down.

Looks into nothing.
"""

import contextlib
import socket
import threading
import time
from typing import Literal

Mood = Literal["well", "hung", "down", "slow"]


class Proxy:
    """Listens on `port` of 127.0.0.1.

    Hung: it takes lines and says nothing; down: it cuts and refuses them; slow: what is asked comes
    a while later.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._mood: Mood = "well"
        self._delay_s = 0.02
        self._changed = threading.Condition()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def become(self, mood: Mood) -> None:
        """From now on, for lines that are open as for new ones."""
        with self._changed:
            self._mood = mood
            self._changed.notify_all()
        if mood == "down":
            self._cut()

    def slow_down(self, delay_s: float) -> None:
        """Whatever is asked comes so much later; with 0 all is well."""
        self._delay_s = delay_s
        self.become("slow" if delay_s else "well")

    def close(self) -> None:
        """Stop listening, and cut every line."""
        self.become("down")
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _cut(self) -> None:
        for line in list(self._open):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                asker, _ = self._listener.accept()
                threading.Thread(target=self._join, args=(asker,), daemon=True).start()

    def _join(self, asker: socket.socket) -> None:
        with asker, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError):
            self._open |= {asker, server}
            if self._mood != "down":
                server.connect(self._server)
                back = threading.Thread(
                    target=self._carry, args=(server, asker, False), daemon=True
                )
                back.start()
                self._carry(asker, server, is_asked=True)
                back.join()
        self._open -= {asker, server}

    def _carry(self, source: socket.socket, target: socket.socket, is_asked: bool) -> None:
        with contextlib.suppress(OSError):
            while body := source.recv(1 << 16):
                with self._changed:
                    self._changed.wait_for(lambda: self._mood != "hung")
                if is_asked and self._mood == "slow":
                    time.sleep(self._delay_s)
                target.sendall(body)
        for line in (source, target):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
