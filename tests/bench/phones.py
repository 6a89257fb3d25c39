"""Two hundred phones that watch at once from Directory storage: each reads at the pace of playing, three seconds
ahead; a stall is a phone whose picture would have stood still. A tiny GET is made meanwhile."""

from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench import clips, links
from tests.bench.report import Row
from tests.server import serving

PHONES, SECONDS, AHEAD = 200, 30, 3.0
RECEIVE_BUFFER = 256 * 1024


def run(folder: Path, work: Path) -> list[Row]:
    """All phones start within two seconds and watch a 30 s clip whole."""
    clip = clips.phone_ready(folder, SECONDS)
    with serving(work / "phones") as server:
        token = links.seed(server, clip, None, SECONDS)
        stalls, pings = asyncio.run(_all(server.url, f"/v/{token}/video", clip.stat().st_size))
    return [
        Row(f"{PHONES} phones watching, those that stalled", float(stalls), "", 0),
        Row("tiny GET meanwhile, the slowest", max(pings) * 1000, "ms", 100),
    ]


async def _all(base: str, path: str, size: int) -> tuple[int, list[float]]:
    parts = urlsplit(base)
    done = asyncio.Event()
    pinger = asyncio.create_task(_ping(parts.hostname or "", parts.port or 80, done))
    phones = [
        _phone(parts.hostname or "", parts.port or 80, path, size, number * 2.0 / PHONES) for number in range(PHONES)
    ]
    stalled = sum(await asyncio.gather(*phones))
    done.set()
    return stalled, await pinger


async def _socket(host: str, port: int) -> socket.socket:
    """A connection that holds about what a phone's does: the loopback's own buffers would swallow the whole clip."""
    phone = socket.socket()
    phone.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    phone.setblocking(False)
    await asyncio.get_running_loop().sock_connect(phone, (host, port))
    return phone


async def _get(host: str, port: int, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, int]:
    reader, writer = await asyncio.open_connection(sock=await _socket(host, port), limit=1 << 16)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nRange: bytes=0-\r\nConnection: close\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split()[1])
    if status in {302, 303, 307}:
        target = next(line.split(b": ", 1)[1] for line in head.split(b"\r\n") if line.lower().startswith(b"location"))
        writer.close()
        there = urlsplit(target.decode())
        return await _get(there.hostname or host, there.port or port, f"{there.path}?{there.query}")
    return reader, writer, status


async def _phone(host: str, port: int, path: str, size: int, delay: float) -> int:
    """1 when the picture would have stood still once, else 0."""
    await asyncio.sleep(delay)
    reader, writer, status = await _get(host, port, path)
    assert status in {200, 206}, status
    rate, got, started, stalled = size / SECONDS, 0, time.monotonic(), 0
    while got < size:
        allowed = (time.monotonic() - started + AHEAD) * rate
        if got > allowed:
            await asyncio.sleep(0.1)
            continue
        part = await reader.read(65_536)
        if not part:
            break
        got += len(part)
        playing = time.monotonic() - started - 1.0  # the first second is for filling the buffer
        stalled = stalled or int(playing > 0 and got < min(size, playing * rate))
    writer.close()
    return stalled or int(got < size)


async def _ping(host: str, port: int, done: asyncio.Event) -> list[float]:
    pings = []
    while not done.is_set():
        started = time.monotonic()
        reader, writer, _ = await _get(host, port, "/health")
        await reader.read()
        writer.close()
        pings.append(time.monotonic() - started)
        await asyncio.sleep(0.2)
    return pings
