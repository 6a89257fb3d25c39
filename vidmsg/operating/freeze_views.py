"""The page on which a manager sees why nothing is sent, what is still looked up, and lets sending begin again."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vidmsg import clock
from vidmsg.accounts.models import Installation, User
from vidmsg.database import db, writing
from vidmsg.jobs import jobs
from vidmsg.messages import frozen
from vidmsg.messages.frozen import NotYet
from vidmsg.web import access, policy

freeze = Blueprint("freeze", __name__, url_prefix="/sending")


def init_app(app: Flask) -> None:
    """Let every page say that sending is frozen."""
    app.jinja_env.globals["frozen_reason"] = lambda: frozen.reason(db.session)


@freeze.get("")
@policy.manager
def show() -> ResponseReturnValue:
    """Whether texts leave, and if not, why and what to do."""
    row = db.session.scalars(sa.select(Installation)).one_or_none()
    began = row.frozen_at if row else None
    ripe = began + frozen.SETTLED if began else None
    waiting = frozen.left(db.session)
    return render_template(
        "operating/frozen.html",
        reason=row.frozen_reason if row else None,
        began=began,
        ripe_at=ripe if ripe and waiting and ripe > clock.now() else None,
        waiting=waiting,
    )


@freeze.post("/lift")
@policy.manager
def lift() -> ResponseReturnValue:
    """Let texts leave again."""
    try:
        with writing() as session:
            frozen.lift(session, session.get_one(User, access.me().id))
    except NotYet as error:
        flash(str(error), "error")
    else:
        flash(_("Texts leave again."))
        jobs().wake("sms")
    return redirect(url_for("freeze.show"))
