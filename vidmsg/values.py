"""What a setting's value must look like, whatever the others are. Each rule gives the value to keep, or raises a
ValueError that says how to write it. Knows no setting's name."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from vidmsg import secret

LONGEST_ADDRESS = 70  # characters: it stands in every text
_HOST_ALONE = re.compile(r"https?://[^\s/?#@\\]+/?")
_SENDER = re.compile(r"\+[1-9]\d{6,14}|MG[0-9a-fA-F]{32}")


def folder(value: Path) -> Path:
    """The whole path, whatever folder we are started in: our children work in another one."""
    return value.expanduser().resolve()


def level(value: str) -> str:
    """How much is logged."""
    if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("choose DEBUG, INFO, WARNING or ERROR")
    return value.upper()


def style(value: str) -> str:
    """How it is logged."""
    if value not in {"auto", "json", "text"}:
        raise ValueError("choose auto, json or text")
    return value


def resend(value: str) -> str:
    """What becomes of a text in doubt."""
    if value not in {"once", "never"}:
        raise ValueError("choose once or never")
    return value


def address(value: str) -> str:
    """The address of a server, without a slash at the end."""
    if not value:
        return value
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError("write it as https://host")
    return value.rstrip("/")


def public_address(value: str) -> str:
    """One that a path is put after, within what a text has room for."""
    kept = address(value)
    if kept and not _HOST_ALONE.fullmatch(value):
        raise ValueError("write it as https://host with nothing after it: links are made by putting a path there")
    if len(kept) > LONGEST_ADDRESS:
        raise ValueError(f"take one of at most {LONGEST_ADDRESS} characters: it stands in every text")
    return kept


def long_secret(value: str) -> str:
    """A secret that can't be tried out."""
    if value and len(value) < secret.SHORTEST:
        raise ValueError(f"take at least {secret.SHORTEST} characters that nobody can guess, or leave it empty")
    return value


def sender(value: str) -> str:
    """Who texts come from."""
    if value and not _SENDER.fullmatch(value):
        raise ValueError("write the number as +12065550100, or a Messaging Service as MG and 32 digits and letters")
    return value


def database(value: str) -> str:
    """A database that we know how to speak to."""
    if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("use sqlite:///path or postgresql+psycopg://…")
    try:
        make_url(value or "sqlite://")
    except (ArgumentError, ValueError):
        raise ValueError("write it as postgresql+psycopg://user:password@host:5432/name") from None
    return value
