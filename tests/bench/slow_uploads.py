"""The web process under thirty uploads at once that take ten seconds each: its memory, and a tiny GET meanwhile."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import requests

from tests.bench.people import Rep, seed
from tests.bench.report import Row
from tests.server import Server, serving

PHONES, SECONDS, PART = 30, 10, 1024 * 1024


def run(_folder: Path, work: Path) -> list[Row]:
    """Thirty raw sockets that send a PATCH of 1 MiB drop by drop."""
    with serving(work / "slow-uploads") as server:
        people = seed(server)
        rep = Rep(server, people.bob.email)
        addresses = [
            rep.create(kind="file", person=people.maria.id, content_type="video/mp4", length=PART)[0]
            for _ in range(PHONES)
        ]
        threads = [threading.Thread(target=_drip, args=(address,)) for address in addresses]
        for thread in threads:
            thread.start()
        pings, most = _watch(server, threads)
    return [
        Row(f"web process under {PHONES} slow uploads, memory", most / 1e6, "MB", 150),
        Row("tiny GET meanwhile, the slowest", max(pings) * 1000, "ms", 100),
    ]


def _watch(server: Server, threads: list[threading.Thread]) -> tuple[list[float], float]:
    assert server.process
    web = psutil.Process(server.process.pid)
    pings, most = [], 0.0
    while any(thread.is_alive() for thread in threads):
        started = time.monotonic()
        requests.get(f"{server.url}/health", timeout=30)
        pings.append(time.monotonic() - started)
        most = max(most, float(web.memory_info().rss))
        time.sleep(0.1)
    return pings, most


def _drip(address: str) -> None:
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname or "", parts.port or 80)) as connection:
        connection.sendall(
            (
                f"PATCH {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
                f"Content-Type: application/offset+octet-stream\r\nContent-Length: {PART}\r\n\r\n"
            ).encode()
        )
        step = PART // 100
        sent = 0
        while sent < PART:
            size = min(step, PART - sent)
            connection.sendall(b"\0" * size)
            sent += size
            time.sleep(SECONDS / 100)
        connection.recv(4096)
