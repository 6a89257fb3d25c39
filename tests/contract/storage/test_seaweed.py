"""The test server itself: it must not outlive a killed test run. And what S3 storage says when it is set up wrongly."""

from __future__ import annotations

import dataclasses
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.seaweed import Seaweed, shared_seaweed, weed_binary
from vidmsg.storage import StorageError
from vidmsg.storage.s3 import S3

ROOT = Path(__file__).parents[3]
HOLD = "import time, tests.seaweed as s\nwith s.running_seaweed():\n    print('ready', flush=True)\n    time.sleep(600)"


@pytest.mark.skipif(weed_binary() is None, reason="SeaweedFS (`weed`) is not installed on this machine")
def test_a_killed_test_run_leaves_no_server_behind() -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, cwd=ROOT) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"ready\n"
        below = psutil.Process(run.pid).children(recursive=True)
        assert any(process.name().startswith("weed") for process in below)
        os.kill(run.pid, signal.SIGKILL)
    gone, alive = psutil.wait_procs(below, timeout=60)
    assert alive == []
    assert len(gone) == len(below)


def opened(server: Seaweed) -> S3:
    return S3(
        server.bucket,
        server.region,
        server.endpoint,
        access_key_id=server.access_key_id,
        secret_access_key=server.secret_access_key,
    )


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"access_key_id": "nobody"}, "does not know the access key"),
        ({"secret_access_key": "guessed"}, "does not accept the secret"),
        ({"bucket": "elsewhere"}, "The bucket elsewhere does not exist. Make it, or correct VIDMSG_S3_BUCKET"),
    ],
)
def test_a_check_says_which_setting_is_wrong(wrong: dict[str, str], sentence: str) -> None:
    with pytest.raises(StorageError, match=sentence):
        opened(dataclasses.replace(shared_seaweed(), **wrong)).check()


def test_a_check_says_when_nobody_answers() -> None:
    with socket.socket() as silent:  # bound but not listening: every connection is refused
        silent.bind(("127.0.0.1", 0))
        nobody = Seaweed(f"http://127.0.0.1:{silent.getsockname()[1]}", "vidmsg", "key", "secret")
        with pytest.raises(StorageError, match=r"can't be reached .* Check VIDMSG_S3_ENDPOINT and the network"):
            opened(nobody).check()
