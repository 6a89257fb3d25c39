"""Every setting, in one place: its name in the environment (or a `.env` file), its default, what it means. The
table in the README and the messages at start are made from this module. It imports nothing of ours but the ground."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from vidmsg import clock, secret, values
from vidmsg.errors import Sentence


class ConfigError(Sentence):
    """Settings that cannot work together; the message lists every mistake, a line each."""


class Settings(BaseSettings):
    """What an installation may choose. Field aliases are the names in the environment."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", populate_by_name=True, frozen=True)

    port: int = Field(8000, alias="PORT", ge=1, le=65535, description="Port of the web server.")
    host: str = Field(
        "127.0.0.1", alias="VIDMSG_HOST", description="Address it listens on. `0.0.0.0` lets phones on your network in."
    )
    public_url: str = Field(
        "",
        alias="PUBLIC_URL",
        description=(
            "Address that customers see in links, such as `https://hi.example.com`, without a path and at most 70 "
            "characters long. Empty: `http://localhost:PORT`. Real texts need https."
        ),
    )
    data_dir: Path = Field(
        Path("data"),
        alias="VIDMSG_DATA",
        validate_default=True,
        description="Folder for the database, videos and the secret.",
    )
    secret_key: str = Field(
        "",
        alias="VIDMSG_SECRET_KEY",
        description=(
            "Signs sessions and links, at least 32 characters. Empty: made once and kept in the data folder. The same "
            "on every host."
        ),
    )
    database_url: str = Field(
        "",
        alias="VIDMSG_DATABASE_URL",
        description="Empty: SQLite in the data folder. Else `postgresql+psycopg://user:password@host/name`.",
    )
    queue_url: str = Field(
        "",
        alias="VIDMSG_QUEUE_URL",
        description="Where workers are woken, another database. Empty: beside this one.",
    )
    s3_bucket: str = Field("", alias="VIDMSG_S3_BUCKET", description="Bucket for videos. Empty: the data folder.")
    s3_region: str = Field("us-east-1", alias="VIDMSG_S3_REGION", description="Region of the bucket.")
    s3_endpoint: str = Field("", alias="VIDMSG_S3_ENDPOINT", description="Address of another S3 maker. Empty: AWS.")
    s3_prefix: str = Field("", alias="VIDMSG_S3_PREFIX", description="Put before every key, such as `vidmsg/`.")
    aws_access_key_id: str = Field(
        "", alias="AWS_ACCESS_KEY_ID", description="Empty: the usual AWS sources (instance role, profile)."
    )
    aws_secret_access_key: str = Field("", alias="AWS_SECRET_ACCESS_KEY", description="Belongs to the key above.")
    aws_session_token: str = Field(
        "", alias="AWS_SESSION_TOKEN", description="Belongs to it too, where the key is lent for a while."
    )
    twilio_account_sid: str = Field(
        "", alias="TWILIO_ACCOUNT_SID", description="Account that sends texts. All TWILIO_ empty: the practice phone."
    )
    twilio_auth_token: str = Field(
        "", alias="TWILIO_AUTH_TOKEN", description="Its auth token; also checks the signature of hooks."
    )
    twilio_api_key: str = Field(
        "", alias="TWILIO_API_KEY", description="Optional API key for requests, instead of the auth token."
    )
    twilio_api_secret: str = Field("", alias="TWILIO_API_SECRET", description="Belongs to the API key.")
    twilio_from: str = Field(
        "", alias="TWILIO_FROM", description="Sending number (`+1206…`) or Messaging Service (`MG…`)."
    )
    sms_per_second: float | None = Field(
        None,
        alias="VIDMSG_SMS_PER_SECOND",
        ge=0,
        le=1000,
        description=(
            "Texts a second at most, over all workers, as your Twilio number allows. 0: no limit. Default: 1 with "
            "Twilio, no limit on the practice phone."
        ),
    )
    resend_unknown: str = Field(
        "once",
        alias="RESEND_UNKNOWN",
        description=(
            "A text of which nobody knows whether it left, and that Twilio does not list, goes out `once` more, or "
            "`never`: then a person is asked at once."
        ),
    )
    simulator_url: str = Field(
        "",
        alias="VIDMSG_SIMULATOR_URL",
        description="Address of a practice phone that runs as a process of its own. For tests.",
    )
    join_texts_a_day: int = Field(
        200,
        alias="VIDMSG_JOIN_TEXTS_A_DAY",
        ge=0,
        le=100_000,
        description=(
            "How many people that filled in its public page an organisation asks by text for their YES in a day, at "
            "most. 0: nobody."
        ),
    )
    live_encodes: int = Field(
        max(1, (os.cpu_count() or 2) - 1),
        alias="VIDMSG_LIVE_ENCODES",
        ge=0,
        le=64,
        description="Takes that are re-encoded while they are recorded, at most. Default: processors less one.",
    )
    threads: int = Field(40, alias="VIDMSG_THREADS", ge=4, le=256, description="Threads of the web server.")
    trusted_proxies: int = Field(
        0,
        alias="VIDMSG_TRUSTED_PROXIES",
        ge=0,
        le=5,
        description="How many proxies of yours stand before the web server.",
    )
    log_level: str = Field("INFO", alias="VIDMSG_LOG_LEVEL", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: str = Field(
        "auto", alias="VIDMSG_LOG_FORMAT", description="`json`, `text`, or `auto`: text on a terminal."
    )

    _level = field_validator("log_level")(values.level)
    _style = field_validator("log_format")(values.style)
    _resend = field_validator("resend_unknown")(values.resend)
    _public = field_validator("public_url")(values.public_address)
    _folder = field_validator("data_dir")(values.folder)
    _addresses = field_validator("s3_endpoint", "simulator_url")(values.address)
    _secret = field_validator("secret_key")(values.long_secret)
    _sender = field_validator("twilio_from")(values.sender)
    _databases = field_validator("database_url", "queue_url")(values.database)

    @model_validator(mode="after")
    def _whole(self) -> Settings:
        mistakes = [*_half_twilio(self), *_half_storage(self), *_moved_clock(self)]
        if mistakes:
            raise ValueError("; ".join(mistakes))
        return self

    @property
    def practice(self) -> bool:
        """True where no real text leaves: no Twilio account is configured."""
        return not self.twilio_account_sid

    @property
    def address(self) -> str:
        """The public address without a slash at the end."""
        return self.public_url or f"http://localhost:{self.port}"

    @property
    def texts_a_second(self) -> float:
        """How many texts may leave a second, over all workers; 0 means no limit."""
        if self.sms_per_second is not None:
            return self.sms_per_second
        return 0.0 if self.practice else 1.0

    @property
    def secure(self) -> bool:
        """Whether customers and reps come by https."""
        return self.address.startswith("https://")

    @property
    def database(self) -> str:
        """The database's address, the embedded one spelled out."""
        return self.database_url or f"sqlite:///{self.data_dir / 'vidmsg.db'}"

    def with_secret(self) -> Settings:
        """These settings with a secret key: the given one, or the one kept in the data folder, made if absent."""
        if self.secret_key:
            return self
        return self.model_copy(update={"secret_key": secret.kept(self.data_dir)})


def _half_twilio(settings: Settings) -> list[str]:
    names = ("account_sid", "auth_token", "from", "api_key", "api_secret")
    if not any(getattr(settings, f"twilio_{name}") for name in names):
        return []
    mistakes = [
        f"{name} is missing: real texts need TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM"
        for name, value in (
            ("TWILIO_ACCOUNT_SID", settings.twilio_account_sid),
            ("TWILIO_AUTH_TOKEN", settings.twilio_auth_token),
            ("TWILIO_FROM", settings.twilio_from),
        )
        if not value
    ]
    if bool(settings.twilio_api_key) != bool(settings.twilio_api_secret):
        mistakes.append("TWILIO_API_KEY and TWILIO_API_SECRET belong together: give both or none")
    if not settings.public_url.startswith("https://"):
        mistakes.append("PUBLIC_URL must begin with https:// when real texts are sent")
    return mistakes


def _moved_clock(settings: Settings) -> list[str]:
    if settings.practice or not os.environ.get(clock.OFFSET_FILE):
        return []
    return [f"{clock.OFFSET_FILE} moves the clock and is for tests: unset it where real texts are sent"]


def _half_storage(settings: Settings) -> list[str]:
    if bool(settings.aws_access_key_id) != bool(settings.aws_secret_access_key):
        return ["AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together: give both or none"]
    return []


def load(**overrides: Any) -> Settings:
    """Settings from the environment and `.env`; raises ConfigError that names every mistake in a line of its own."""
    try:
        return Settings(**overrides).with_secret()
    except ValidationError as error:
        lines = [_line(problem) for problem in error.errors()]
        raise ConfigError("These settings can't work:\n" + "\n".join(lines)) from None


def _line(problem: Any) -> str:
    text = str(problem["msg"]).removeprefix("Value error, ")
    where = ".".join(str(part) for part in problem["loc"])
    return f"  {where}: {text}" if where else "\n".join(f"  {part}" for part in text.split("; "))


def table() -> str:
    """The settings as a Markdown table, for the README."""
    rows = ["| setting | default | what it is for |", "|---|---|---|"]
    for field in Settings.model_fields.values():
        told = field.alias == "VIDMSG_LIVE_ENCODES" or field.default is None  # in the description
        default = "" if told else str(field.default)
        rows.append(f"| `{field.alias}` | {f'`{default}`' if default else ''} | {field.description} |")
    return "\n".join(rows)
