"""Where the database lies, told so that a copy elsewhere is noticed and a restart never is. SQLite: the machine and the
file. In a container the machine and its name are new at each start, so there it is the folder that is mounted, as the
outside knows it. Postgres: the cluster and the database in it, wherever our processes run. Only a digest is kept."""

from __future__ import annotations

import os
import re
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import tokens

MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))  # Linux; elsewhere the path alone speaks
CONTAINER_SIGNS = (Path("/.dockerenv"), Path("/run/.containerenv"))
MOUNTS = Path("/proc/self/mountinfo")
KUBERNETES = "KUBERNETES_SERVICE_HOST"


def of(session: Session) -> str | None:
    """The place of the rows that this session reads; None where it can't be told."""
    engine = session.get_bind().engine
    if engine.dialect.name == "postgresql":
        told = _cluster(session)
    else:
        told = _file(Path(engine.url.database).resolve()) if engine.url.database else ""
    return tokens.digest(told) if told else None


def _cluster(session: Session) -> str:
    """A cluster has a number of its own from the day it was made; its standby, and the machine it moves to, keep it."""
    asked = sa.text(
        "SELECT system_identifier, oid FROM pg_control_system(), pg_database WHERE datname = current_database()"
    )
    try:
        with session.begin_nested():
            cluster, database = session.execute(asked).one()
    except sa.exc.DBAPIError:  # some who rent it out don't let us ask
        return ""
    return f"cluster {cluster} {database}"


def _file(path: Path) -> str:
    if KUBERNETES in os.environ or any(sign.exists() for sign in CONTAINER_SIGNS):
        return f"container {_outside(path)}"
    return f"machine {_machine()} {path}"


def _machine() -> str:
    for known in MACHINE_IDS:
        try:
            found = known.read_text().strip()
        except OSError:
            continue
        if found:
            return found
    return ""


def _outside(path: Path) -> Path:
    """The file as the file system under the mounted folder names it: the same at each start, whatever the container."""
    try:
        mounts = [line.split() for line in MOUNTS.read_text().splitlines()]
    except OSError:
        return path
    around = [(Path(_plain(one[4])), Path(_plain(one[3]))) for one in mounts if path.is_relative_to(_plain(one[4]))]
    if not around:
        return path
    point, root = max(around, key=lambda one: len(one[0].parts))
    return root / path.relative_to(point)


def _plain(told: str) -> str:
    """Blanks and the like stand as octal numbers there."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), told)
