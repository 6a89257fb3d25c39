"""The place of a database: another machine or folder is another place; a container's new name is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from vidmsg.accounts import place

FILE = Path("/data/vidmsg.db")
MOUNT = "36 35 98:0 {root} {point} rw,noatime master:1 - ext4 /dev/root rw\n"


class Machine:
    """What /etc and /proc say."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._folder, self._patch = folder, patch
        patch.delenv(place.KUBERNETES, raising=False)
        patch.setattr(place, "CONTAINER_SIGNS", (folder / "sign",))
        patch.setattr(place, "MACHINE_IDS", (folder / "none", folder / "id"))
        patch.setattr(place, "MOUNTS", folder / "mounts")
        self.is_called("one")
        self.mounts(("/", "/"))

    def is_called(self, name: str) -> None:
        (self._folder / "id").write_text(f"{name}\n")

    def is_a_container(self) -> None:
        (self._folder / "sign").touch()

    def mounts(self, *points: tuple[str, str]) -> None:
        lines = [MOUNT.format(point=point, root=root) for point, root in points]
        (self._folder / "mounts").write_text("".join(lines))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def of(path: Path = FILE) -> str:
    return place._file(path)


def test_another_machine_and_another_folder_are_another_place(machine: Machine) -> None:
    home = of()
    assert of() == home
    assert of(Path("/copy/vidmsg.db")) != home
    machine.is_called("two")
    assert of() != home


def test_a_machine_without_a_name_is_told_by_its_folder(machine: Machine) -> None:
    machine.is_called("")
    assert of() == of()
    assert of(Path("/copy/vidmsg.db")) != of()


def test_a_container_with_a_new_name_is_at_home_where_its_folder_is(machine: Machine) -> None:
    machine.is_a_container()
    machine.mounts(("/", "/"), ("/data", "/srv/vidmsg"), ("/data/other", "/srv/other"))
    home = of()
    machine.is_called("new at each start")
    machine.mounts(("/", "/"), ("/proc", "/"), ("/data", "/srv/vidmsg"))
    assert of() == home


def test_a_container_on_a_copied_folder_is_somewhere_else(machine: Machine) -> None:
    machine.is_a_container()
    machine.mounts(("/", "/"), ("/data", "/srv/vidmsg"))
    home = of()
    machine.mounts(("/", "/"), ("/data", "/srv/vidmsg\\040copy"))
    assert of() != home


def test_a_pod_is_a_container_and_a_machine_that_tells_no_mounts_goes_by_the_path(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(place.KUBERNETES, "10.0.0.1")
    monkeypatch.setattr(place, "MOUNTS", Path("/nowhere/mounts"))
    home = of()
    machine.is_called("another node")
    assert of() == home
    assert of(Path("/copy/vidmsg.db")) != home
