"""A way back in when nobody is left who could make one: whoever runs the machine prints a one-time link."""

from __future__ import annotations

import click
import sqlalchemy as sa
from flask import url_for
from flask_security.recoverable import generate_reset_link

from vidmsg import config, startup
from vidmsg.accounts import audit
from vidmsg.accounts.members import normal_email
from vidmsg.accounts.models import User
from vidmsg.config import Settings
from vidmsg.database import writing
from vidmsg.errors import Sentence


@click.command("reset-link")
@click.argument("email")
def reset_link(email: str) -> None:
    """Print a one-time link for a new password. EMAIL is the address that person signs in with."""
    app = startup.present_app(config.load())
    settings: Settings = app.config["SETTINGS"]
    with app.test_request_context(base_url=settings.address):
        click.echo(_link(settings.address, email))


def _link(address: str, email: str) -> str:
    with writing() as session:
        who = session.execute(
            sa.select(User).where(sa.func.lower(User.email) == normal_email(email))
        ).scalar_one_or_none()
        if who is None or not who.active:
            raise Sentence("Nobody signs in with this email.")
        _url, token = generate_reset_link(who)  # type: ignore[no-untyped-call]
        audit.record(session, None, who.organisation_id, "member.reset_link", f"user:{who.id}")
    return f"{address}{url_for('security.reset_password', token=token)}"
