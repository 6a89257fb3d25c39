"""Runs a command until standard input closes, then kills it: `python keeper.py COMMAND…`. A test that starts
a server this way leaves nothing behind, even when the test run itself is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def keep(command: list[str]) -> None:
    """Start the command in a session of its own, so that Ctrl-C reaches it by way of us only."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=lambda: os._exit(server.wait()), daemon=True).start()
    sys.stdin.buffer.read()
    server.kill()
    server.wait()


if __name__ == "__main__":
    keep(sys.argv[1:])
