"""Runs a command in a folder until standard input closes, then kills it and removes the folder: `python keeper.py
FOLDER COMMAND…`. A test that starts a server this way leaves nothing behind, even when the test run is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path


def keep(folder: Path, command: list[str]) -> None:
    """Start the command in a session of its own, so that Ctrl-C reaches it by way of us only."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=_until_closed, args=(server,), daemon=True).start()
    server.wait()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)  # the other thread may be in the middle of a read that never ends


def _until_closed(server: subprocess.Popen[bytes]) -> None:
    sys.stdin.buffer.read()
    server.kill()


if __name__ == "__main__":
    keep(Path(sys.argv[1]), sys.argv[2:])
