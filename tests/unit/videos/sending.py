"""A small tus client, and a look at what became of what it sent."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from vidmsg.database import reading, writing
from vidmsg.videos.models import Chunk, Upload, Video


def metadata(**values: Any) -> str:
    return ",".join(f"{key} {base64.b64encode(str(value).encode()).decode()}" for key, value in values.items())


def checksum(data: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


TUS = {"Tus-Resumable": "1.0.0"}


@contextmanager
def writing_then_lost() -> Iterator[Any]:
    """A transaction that is committed, and the connection breaks before that is said."""
    with writing() as session:
        yield session
    raise sa.exc.OperationalError("COMMIT", {}, Exception("the connection was lost"))


@dataclass
class Tus:
    """Speaks tus to the application: `browser` is signed in and creates, `bare` has no cookie."""

    app: Flask
    browser: FlaskClient

    def create(self, length: int | None = None, headers: dict[str, str] | None = None, **values: Any) -> Any:
        size = {"Upload-Defer-Length": "1"} if length is None else {"Upload-Length": str(length)}
        given = {"Upload-Metadata": metadata(**values)} if values else {}
        return self.browser.post("/uploads/", headers={**TUS, **size, **given, **(headers or {})})

    def begin(self, length: int | None = None, **values: Any) -> Sending:
        answer = self.create(length, **values)
        assert answer.status_code == 201, answer.text
        return Sending(self.app, answer.headers["Location"], answer.json["upload"], answer.json["video"])


@dataclass
class Sending:
    """One upload in somebody's hands, without a cookie."""

    app: Flask
    location: str
    upload: str
    video: str

    def patch(self, offset: int, data: bytes, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.test_client().patch(
            self.location,
            data=data,
            headers={**TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset), **named},
        )

    def head(self) -> Any:
        return self.app.test_client().head(self.location, headers=TUS)

    def delete(self) -> Any:
        return self.app.test_client().delete(self.location, headers=TUS)

    def row(self) -> Upload:
        with self.app.app_context(), reading() as session:
            return session.get_one(Upload, self.upload)

    def video_row(self) -> Video:
        with self.app.app_context(), reading() as session:
            return session.get_one(Video, self.video)

    def bytes(self) -> bytes:
        """What the recorded chunks join to."""
        with self.app.app_context(), reading() as session:
            rows = session.execute(
                sa.select(Chunk).where(Chunk.upload_id == self.upload).order_by(Chunk.offset)
            ).scalars()
            return b"".join(self.app.extensions["storage"].get_bytes(row.key) for row in rows)

    def keys(self) -> list[str]:
        return list(self.app.extensions["storage"].keys(f"raw/{self.upload}/"))
