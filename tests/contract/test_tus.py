"""tuspy, a tus client that nobody here wrote, against the running server: it uploads, breaks off and resumes; what
arrives is what it sent, byte for byte."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
from tusclient.fingerprint import fingerprint
from tusclient.storage.filestorage import FileStorage

from tests.bench.people import Rep, seed
from tests.cast import Cast
from tests.server import Server
from vidmsg.database import reading
from vidmsg.videos.models import Chunk, Upload


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The web alone: what a worker would make of the bytes is another question."""
    server = Server(tmp_path_factory.mktemp("tus"))
    try:
        yield server.start("--web-only")
    finally:
        server.stop()
        server.kill_all()


@pytest.fixture(scope="module")
def people(server: Server) -> Cast:
    return seed(server)


@pytest.fixture(scope="module")
def rep(server: Server, people: Cast) -> Rep:
    return Rep(server, people.bob.email)


@pytest.fixture
def client(server: Server, rep: Rep) -> TusClient:
    cookie = "; ".join(f"{name}={value}" for name, value in rep.http.cookies.items())
    return TusClient(f"{server.url}/uploads/", headers={"X-CSRFToken": rep.csrf, "Cookie": cookie})


@pytest.fixture
def metadata(people: Cast) -> dict[str, str]:
    return {"kind": "file", "person": str(people.maria.id), "filename": "holiday.mp4", "filetype": "video/mp4"}


def arrived(server: Server, url: str) -> bytes:
    """What the recorded chunks of an upload join to."""
    app = server.app()
    upload_id = url.rstrip("/").split("/")[-2]
    with app.app_context(), reading() as session:
        assert session.get_one(Upload, upload_id).state == "complete"
        chunks = session.query(Chunk).filter_by(upload_id=upload_id).order_by(Chunk.offset)
        return b"".join(app.extensions["storage"].get_bytes(chunk.key) for chunk in chunks)


@pytest.mark.parametrize("chunk_size", [None, 1_000_000, 777_777])
def test_tuspy_uploads_a_file(
    server: Server, client: TusClient, metadata: dict[str, str], chunk_size: int | None
) -> None:
    data = secrets.token_bytes(5_000_003)
    more: dict[str, Any] = {"chunk_size": chunk_size} if chunk_size else {}
    uploader = client.uploader(file_stream=io.BytesIO(data), metadata=metadata, **more)
    uploader.upload()
    assert arrived(server, uploader.url) == data


def test_tuspy_sends_checksums(server: Server, client: TusClient, metadata: dict[str, str]) -> None:
    data = secrets.token_bytes(300_000)
    uploader = client.uploader(
        file_stream=io.BytesIO(data), metadata=metadata, chunk_size=100_000, upload_checksum=True
    )
    uploader.upload()
    assert arrived(server, uploader.url) == data


def test_tuspy_breaks_off_and_another_process_resumes(
    server: Server, client: TusClient, metadata: dict[str, str], tmp_path: Path
) -> None:
    data = secrets.token_bytes(3_000_000)
    path, memory = tmp_path / "film.mp4", str(tmp_path / "tus-memory")
    path.write_bytes(data)
    first = client.uploader(
        str(path), metadata=metadata, chunk_size=500_000, store_url=True, url_storage=FileStorage(memory)
    )
    first.upload(stop_at=1_200_000)
    # The one that resumes knows the address only: no cookie, no token of a form.
    bare = TusClient(f"{server.url}/uploads/")
    second = bare.uploader(str(path), chunk_size=500_000, store_url=True, url_storage=FileStorage(memory),
                           fingerprinter=fingerprint.Fingerprint())  # fmt: skip
    assert second.offset == 1_200_000
    second.upload()
    assert second.url == first.url
    assert arrived(server, second.url) == data


def test_tuspy_resumes_where_a_broken_line_left_it(server: Server, client: TusClient, metadata: dict[str, str]) -> None:
    class Cut(io.BytesIO):
        broken = False

        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= 700_000 and not self.broken:
                self.broken = True
                raise requests.exceptions.ConnectionError("the phone went into a tunnel")
            return super().read(size)

    data = secrets.token_bytes(2_000_000)
    uploader = client.uploader(file_stream=Cut(data), metadata=metadata, chunk_size=400_000)
    with pytest.raises((TusCommunicationError, TusUploadFailed, requests.exceptions.ConnectionError)):
        uploader.upload()
    again = client.uploader(file_stream=io.BytesIO(data), url=uploader.url, chunk_size=400_000)
    assert 0 < again.offset < len(data)
    again.upload()
    assert arrived(server, again.url) == data


def test_the_web_is_killed_and_tuspy_goes_on(server: Server, client: TusClient, metadata: dict[str, str]) -> None:
    data = secrets.token_bytes(2_000_000)
    uploader = client.uploader(file_stream=io.BytesIO(data), metadata=metadata, chunk_size=500_000)
    uploader.upload(stop_at=1_000_000)
    server.kill_web()
    server.start("--web-only")
    again = client.uploader(file_stream=io.BytesIO(data), url=uploader.url, chunk_size=500_000)
    assert again.offset == 1_000_000
    again.upload()
    assert arrived(server, again.url) == data


def test_nobody_creates_without_signing_in(server: Server) -> None:
    stranger = TusClient(f"{server.url}/uploads/")
    with pytest.raises(TusCommunicationError):
        stranger.uploader(file_stream=io.BytesIO(b"abc")).upload()
