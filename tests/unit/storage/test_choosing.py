"""Which storage the settings choose, and what AWS addresses look like. Nothing here touches the network."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from vidmsg.storage import BadKey, open_storage
from vidmsg.storage.directory import Directory
from vidmsg.storage.s3 import S3

ROOT = Path(__file__).parents[3]


@dataclass
class Chosen:
    data_dir: Path
    secret_key: str = "secret"
    s3_bucket: str | None = None
    s3_region: str | None = None
    s3_endpoint: str | None = None
    s3_prefix: str | None = None
    aws_access_key_id: str | None = "key"
    aws_secret_access_key: str | None = "secret"
    aws_session_token: str | None = None


@pytest.mark.parametrize("bucket", [None, ""])
def test_without_a_bucket_the_data_folder_is_used(tmp_path: Path, bucket: str | None) -> None:
    storage = open_storage(Chosen(tmp_path, s3_bucket=bucket))
    assert isinstance(storage, Directory)
    storage.put_bytes(b"x", "video/1/1.mp4", "video/mp4")
    assert (tmp_path / "media/video/1/1.mp4").read_bytes() == b"x"


def test_boto3_is_not_loaded_for_a_folder() -> None:
    script = "import sys, vidmsg.storage, vidmsg.storage.directory; sys.exit('boto3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == 0


def test_an_aws_address_is_of_the_bucket_in_its_region_and_signed_with_version_4(tmp_path: Path) -> None:
    storage = open_storage(Chosen(tmp_path, s3_bucket="hello", s3_region="eu-west-1", s3_prefix="/prod/"))
    assert isinstance(storage, S3)
    url = storage.url("video/1/1.mp4", timedelta(minutes=10), "video/mp4")
    assert url.startswith("https://hello.s3.eu-west-1.amazonaws.com/prod/video/1/1.mp4?")
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
    assert "X-Amz-Expires=600" in url
    assert storage.origins() == ("https://hello.s3.eu-west-1.amazonaws.com",)


def test_another_maker_is_addressed_by_path(tmp_path: Path) -> None:
    storage = open_storage(Chosen(tmp_path, s3_bucket="hello", s3_endpoint="https://s3.example.com:9000"))
    url = storage.url("video/1/1.mp4", timedelta(minutes=10), "video/mp4")
    assert url.startswith("https://s3.example.com:9000/hello/video/1/1.mp4?")
    assert storage.origins() == ("https://s3.example.com:9000",)


def test_a_ticket_of_aws_signs_type_size_and_that_nothing_is_overwritten(tmp_path: Path) -> None:
    storage = open_storage(Chosen(tmp_path, s3_bucket="hello", s3_region="eu-west-1"))
    ticket = storage.ticket("raw/1/1.webm", "video/webm", 5)
    assert "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match" in ticket.url
    assert ticket.headers == {"Content-Type": "video/webm", "If-None-Match": "*"}


def test_a_prefix_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadKey):
        open_storage(Chosen(tmp_path, s3_bucket="hello", s3_prefix="../other"))


def test_a_key_that_is_lent_for_a_while_goes_along_with_its_token(tmp_path: Path) -> None:
    lent = open_storage(Chosen(tmp_path, s3_bucket="hello", aws_session_token="lent-token"))
    assert "X-Amz-Security-Token=lent-token" in lent.url("video/1/1.mp4", timedelta(minutes=10), "video/mp4")
    own = open_storage(Chosen(tmp_path, s3_bucket="hello", aws_session_token=""))
    assert "Token" not in own.url("video/1/1.mp4", timedelta(minutes=10), "video/mp4")
