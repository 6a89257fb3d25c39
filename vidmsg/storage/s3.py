"""Storage in a bucket of Amazon S3 or of another maker that speaks its language. The only module that
imports boto3, and imported only where a bucket is configured: boto3 costs start time and memory. Objects
stay private; every write says If-None-Match, so that S3 itself refuses a second one."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from s3transfer.exceptions import RetriesExceededError

from vidmsg.storage.keys import attachment, check_content_type, check_key, check_life, check_prefix, is_key
from vidmsg.storage.port import CACHE_CONTROL, TICKET_LIFE, KeyExists, NotFound, StorageError, Ticket

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_TRIES = 4
_TRANSFER = TransferConfig(multipart_threshold=8 << 20, multipart_chunksize=8 << 20, max_concurrency=4)
_KEYS = "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
_REFUSED = "S3 refuses us in the bucket {bucket}. Allow this key to get, put, delete and list there."
_SENTENCES = {
    "NoSuchBucket": "The bucket {bucket} does not exist. Make it, or correct VIDMSG_S3_BUCKET.",
    "AccessDenied": _REFUSED,
    "403": _REFUSED,
    "ExpiredToken": "The lent access key of S3 has run out. Take a new one with its AWS_SESSION_TOKEN.",
    "InvalidToken": "S3 does not accept AWS_SESSION_TOKEN. Leave it empty with a key of your own.",
    "InvalidAccessKeyId": f"S3 does not know the access key. {_KEYS}",
    "SignatureDoesNotMatch": f"S3 does not accept the secret of the access key. {_KEYS}",
    "PermanentRedirect": "The bucket {bucket} is in another region. Correct VIDMSG_S3_REGION.",
    "AuthorizationHeaderMalformed": "The bucket {bucket} is in another region. Correct VIDMSG_S3_REGION.",
    "RequestTimeTooSkewed": "This machine's clock is wrong, so S3 refuses us. Set the clock.",
    "ConditionalRequestConflict": "Several writes to one key met in the bucket {bucket}. Try again.",
}


class S3:
    """Objects in `bucket`, every key after `prefix`. Without an access key the usual AWS sources are asked;
    without an endpoint it is AWS itself."""

    def __init__(
        self,
        bucket: str,
        region: str | None = None,
        endpoint: str | None = None,
        prefix: str | None = None,
        access_key_id: str | None = None,
        secret_access_key: str | None = None,
        ticket_life: timedelta = TICKET_LIFE,
        session_token: str | None = None,
    ) -> None:
        folder = (prefix or "").strip("/")
        self._bucket = bucket
        self._prefix = f"{check_key(folder)}/" if folder else ""
        self._ticket_life = ticket_life
        with self._sentences():
            key = _key(access_key_id, secret_access_key, session_token)
            self._client = _client(bucket, region or "us-east-1", endpoint, key)

    def put(self, path: Path, key: str, content_type: str) -> None:
        """Keep a copy of the file, in parts when it is large. Raises KeyExists when the key is taken."""
        with path.open("rb") as source:
            self._send(source, key, content_type)

    def put_bytes(self, data: bytes, key: str, content_type: str) -> None:
        """Keep these bytes. Raises KeyExists when the key is taken."""
        self._send(BytesIO(data), key, content_type)

    def get_bytes(self, key: str) -> bytes:
        """The whole object in memory. Raises NotFound."""
        with self._sentences():
            return self._client.get_object(Bucket=self._bucket, Key=self._name(key))["Body"].read()

    def fetch(self, key: str, path: Path) -> None:
        """Write a copy of the object to `path`, which appears whole or not at all. Raises NotFound."""
        with self._sentences():
            self._client.download_file(self._bucket, self._name(key), str(path), Config=_TRANSFER)

    def size(self, key: str) -> int | None:
        """Bytes of the object, or None when there is none."""
        try:
            with self._sentences():
                return self._client.head_object(Bucket=self._bucket, Key=self._name(key))["ContentLength"]
        except NotFound:
            return None

    def delete(self, key: str) -> None:
        """Remove the object; quiet when there is none."""
        with self._sentences():
            self._client.delete_object(Bucket=self._bucket, Key=self._name(key))

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Every key that begins with `prefix`, in no particular order."""
        return self._list(self._prefix + check_prefix(prefix))

    def url(self, key: str, ttl: timedelta, content_type: str, download: str | None = None) -> str:
        """A presigned address in the bucket, good for `ttl` but no longer than the credentials."""
        answer = {
            "ResponseContentType": check_content_type(content_type),
            "ResponseCacheControl": CACHE_CONTROL,
        }
        if download is not None:
            answer["ResponseContentDisposition"] = attachment(download)
        return self._signed("get_object", key, check_life(ttl), answer)

    def ticket(self, key: str, content_type: str, size: int) -> Ticket:
        """Leave to PUT one object; type, length and If-None-Match are part of the signature."""
        body = {"ContentType": check_content_type(content_type), "ContentLength": size}
        url = self._signed("put_object", key, check_life(self._ticket_life), body)
        return Ticket(url, "PUT", {"Content-Type": content_type, "If-None-Match": "*"})

    def origins(self) -> tuple[str, ...]:
        """The one origin that presigned addresses point to."""
        return (self._origin,)

    def check(self) -> None:
        """Really write, read, list and delete a probe object, and see that S3 refuses to overwrite it."""
        key, data = f"check/{secrets.token_hex(8)}", secrets.token_bytes(64)
        self.put_bytes(data, key, "application/octet-stream")
        try:
            if self.get_bytes(key) != data or list(self.keys(key)) != [key]:
                raise StorageError(f"What we wrote to the bucket {self._bucket} did not come back.")
            self._refuses_overwriting(key, data)
        finally:
            self.delete(key)

    @cached_property
    def _origin(self) -> str:
        address = urlsplit(self._signed("get_object", "origin", 60, {}))
        return f"{address.scheme}://{address.netloc}"

    def _name(self, key: str) -> str:
        return self._prefix + check_key(key)

    def _send(self, source: IO[bytes], key: str, content_type: str) -> None:
        extra = {"ContentType": check_content_type(content_type), "CacheControl": CACHE_CONTROL}
        name = self._name(key)
        with self._sentences():
            for left in reversed(range(_TRIES)):
                source.seek(0)
                try:
                    self._client.upload_fileobj(source, self._bucket, name, ExtraArgs=extra, Config=_TRANSFER)
                    return
                except ClientError as error:
                    # Another write of this key is on its way; S3 asks to come again to learn who won.
                    if left == 0 or _code(error) != "ConditionalRequestConflict":
                        raise

    def _list(self, start: str) -> Iterator[str]:
        with self._sentences():
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=start):
                names = (found["Key"].removeprefix(self._prefix) for found in page.get("Contents", []))
                yield from filter(is_key, names)

    def _signed(self, action: str, key: str, seconds: int, more: dict[str, Any]) -> str:
        params = {"Bucket": self._bucket, "Key": self._name(key), **more}
        with self._sentences():
            return self._client.generate_presigned_url(action, Params=params, ExpiresIn=seconds)

    def _refuses_overwriting(self, key: str, data: bytes) -> None:
        try:
            self.put_bytes(data, key, "application/octet-stream")
        except KeyExists:
            return
        raise StorageError(
            f"The bucket {self._bucket} lets an object be overwritten: its maker ignores If-None-Match. "
            "Choose another maker, or leave VIDMSG_S3_BUCKET empty."
        )

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        """Turn boto3's errors into the port's."""
        try:
            yield
        except ClientError as error:
            raise self._error(_code(error)) from error
        except NoCredentialsError as error:
            raise StorageError(f"We have no access key for S3. {_KEYS}") from error
        except (BotoCoreError, Boto3Error, RetriesExceededError, ValueError) as error:
            raise StorageError(
                f"The bucket {self._bucket} can't be reached ({type(error).__name__}). "
                "Check VIDMSG_S3_ENDPOINT and the network."
            ) from error

    def _error(self, code: str) -> StorageError:
        if code in {"NoSuchKey", "404"}:
            return NotFound("This file is no longer kept.")
        if code in {"PreconditionFailed", "412"}:
            return KeyExists("There is something under this key already. It stays as it is.")
        sentence = _SENTENCES.get(code, "S3 answered {code} for the bucket {bucket}. Try again later.")
        return StorageError(sentence.format(bucket=self._bucket, code=code))


def _key(key_id: str | None, secret: str | None, token: str | None) -> dict[str, Any]:
    """What is said about the key; nothing without one, so that the usual AWS sources are looked at. A key that is lent
    for a while is refused without its token."""
    if not key_id or not secret:
        return {}
    key = {"aws_access_key_id": key_id, "aws_secret_access_key": secret}
    return {**key, "aws_session_token": token} if token else key


def _client(bucket: str, region: str, endpoint: str | None, key: dict[str, Any]) -> S3Client:
    # With "auto" boto3 presigns to AWS's global host, which answers for a new bucket in another region by a redirect
    # that the signature does not survive. A name with dots fits no certificate of AWS's as a host.
    by_host = not endpoint and "." not in bucket
    # SigV4 must be asked for: boto3 presigns with SigV2 otherwise. Other makers lack AWS's newer checksums.
    checksums: Literal["when_required", "when_supported"] = "when_required" if endpoint else "when_supported"
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual" if by_host else "path"},
        retries={"mode": "standard", "max_attempts": 4},
        connect_timeout=5,
        read_timeout=30,
        request_checksum_calculation=checksums,
        response_checksum_validation=checksums,
    )
    client = boto3.Session(**key).client("s3", region_name=region, endpoint_url=endpoint or None, config=config)
    for action in ("PutObject", "CompleteMultipartUpload"):
        # The stubs don't know that such a handler may answer with new parameters.
        client.meta.events.register(f"provide-client-params.s3.{action}", _never_overwrite)  # type: ignore[arg-type]
    return client


def _never_overwrite(params: dict[str, Any], **_: object) -> dict[str, Any]:
    """Said on every write, presigned ones too: boto3's own upload takes no such argument for large files."""
    return {**params, "IfNoneMatch": "*"}


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "an error"))
