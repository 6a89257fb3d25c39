"""Structured logs: one line an event, with ids. What must never stand in a log (numbers, tokens, names, bodies) is
taken out here a second time, in case a caller slips. Knows nothing of what is logged."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

from vidmsg import lean

with lean.without("rich"):  # wanted for coloured tracebacks
    import structlog

SECRET_KEYS = frozenset(
    {"phone", "number", "to", "from_", "body", "text", "token", "name", "email", "words", "password", "signature"}
)
_NUMBER = re.compile(r"\+?\d[\d\s().-]{7,}\d")
_DETAIL = re.compile(r"(DETAIL:)[^\n]*")  # Postgres repeats the row that it refused
_PATH_TOKEN = re.compile(r"(/(?:v|r|media|invite|setup|uploads/[\w-]+|reset|feed|join)/)[\w.~-]{16,}")


def scrub(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank the values of secret keys, and in any string what looks like a number to call or a token in a path."""
    for key, value in event.items():
        if key in SECRET_KEYS:
            event[key] = "…"
        elif isinstance(value, str) and key not in {"timestamp", "level"}:
            event[key] = _PATH_TOKEN.sub(r"\1…", _NUMBER.sub("…", _DETAIL.sub(r"\1 …", value))).replace("\n", "\\n")
    return event


def configure(level: str, style: str) -> None:
    """Set up structlog and the standard library's loggers once per process. `style`: json, text or auto."""
    text = style == "text" or (style == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        scrub,
    ]
    render: Any = structlog.dev.ConsoleRenderer(colors=False) if text else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("huey", "twilio", "botocore", "urllib3", "waitress.queue", "alembic"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def get(name: str) -> structlog.stdlib.BoundLogger:
    """A logger for a module."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def flush() -> None:
    """Write out what handlers still hold, before a hard exit."""
    for handler in logging.getLogger().handlers:
        handler.flush()
