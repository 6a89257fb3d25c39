"""Who works here, for managers: inviting, new passwords, letting go, teams; and the page behind an invitation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import logout_user
from flask_security import hash_password, login_user
from flask_security.recoverable import generate_reset_link
from sqlalchemy.orm import Session

from vidmsg.accounts import audit, invitations, members
from vidmsg.accounts.forms import ROLES, AcceptForm, InviteForm, PlainForm, TeamForm, check_password, options, text
from vidmsg.accounts.models import Invitation, Organisation, Team, User
from vidmsg.config import Settings
from vidmsg.database import db, writing
from vidmsg.web import policy
from vidmsg.web.access import me
from vidmsg.web.limits import limiter

team = Blueprint("team", __name__)


@team.get("/team")
@policy.manager
def show() -> ResponseReturnValue:
    """Everybody who works here."""
    return _page()


@team.post("/team/invite")
@policy.manager
def invite() -> ResponseReturnValue:
    """Make a one-time link for somebody new; it is shown on this answer only."""
    form = _invite_form()
    if not form.validate_on_submit():
        return _page(invite_form=form), 422
    try:
        with writing() as session:
            home = session.get_one(Team, form.team_id.data)
            token = invitations.invite(
                session,
                by=session.get_one(User, me().id),
                team=home,
                email=text(form.email),
                name=text(form.name),
                role=form.role.data,
            )
    except members.AlreadyHere:
        form.email.errors = [_("Somebody signs in with this email already.")]
        return _page(invite_form=form), 422
    db.session.rollback()  # begin to read anew, so that the page shows the invitation
    return _page(
        link=_absolute("team.accept", token=token),
        link_for=form.name.data or form.email.data,
        days=invitations.GOOD_FOR.days,
    )


@team.post("/team/invitation/<int:invitation_id>/withdraw")
@policy.manager
def withdraw(invitation_id: int) -> ResponseReturnValue:
    """An invitation stops working."""
    with writing() as session:
        found = session.get(Invitation, invitation_id)
        if found is None or found.organisation_id != me().organisation_id:
            abort(404)
        invitations.withdraw(session, found, session.get_one(User, me().id))
    flash(_("That link works no more."))
    return redirect(url_for("team.show"))


@team.post("/team/<int:user_id>/reset")
@policy.manager
def reset(user_id: int) -> ResponseReturnValue:
    """Make a one-time link for a new password; it is shown on this answer only."""
    who = _colleague(db.session, user_id)
    _url, token = generate_reset_link(who)  # type: ignore[no-untyped-call]
    with writing() as session:
        audit.record(session, me().id, me().organisation_id, "member.reset_link", f"user:{user_id}")
    return _page(
        link=_absolute("security.reset_password", token=token), link_for=who.name or who.email, days=2, reset=True
    )


@team.post("/team/<int:user_id>/reactivate")
@policy.manager
def reactivate(user_id: int) -> ResponseReturnValue:
    """She can sign in again."""
    return _move(user_id, members.reactivate, _("Welcome back. The old password works again."))


@team.post("/team/<int:user_id>/role/<role>")
@policy.manager
def change_role(user_id: int, role: str) -> ResponseReturnValue:
    """Make somebody manager or rep."""
    if role not in dict(ROLES):
        abort(404)
    return _move(user_id, lambda session, who, by: members.set_role(session, who, role, by), _("Kept."))


@team.post("/team/teams")
@policy.manager
def add_team() -> ResponseReturnValue:
    """Another team, with walls of its own."""
    form = TeamForm()
    if not form.validate_on_submit():
        return _page(team_form=form), 422
    with writing() as session:
        made = Team(organisation_id=me().organisation_id, name=form.team_name.data)
        session.add(made)
        session.flush()
        audit.record(session, me().id, me().organisation_id, "team.add", f"team:{made.id}")
    flash(_("%(name)s is there. Invite somebody into it.", name=form.team_name.data))
    return redirect(url_for("team.show"))


@team.route("/invite/<token>", methods=["GET", "POST"])
@limiter.limit("30 per minute")
@policy.capability
def accept(token: str) -> ResponseReturnValue:
    """The page behind an invitation: name and password, then she is in."""
    try:
        invitation = invitations.find(db.session, token)
    except invitations.InvitationOver:
        return render_template("accounts/invitation_over.html"), 404
    home = db.session.get_one(Organisation, invitation.organisation_id)
    form = AcceptForm(name=invitation.name)
    if form.validate_on_submit() and check_password(
        form.password, invitation.email.split("@")[0], form.name.data, home.name
    ):
        return _accept(token, form)
    return render_template(
        "accounts/invitation.html", form=form, invitation=invitation, home=home
    ), 422 if form.is_submitted() else 200


def _accept(token: str, form: AcceptForm) -> ResponseReturnValue:
    hashed = hash_password(text(form.password))
    try:
        with writing() as session:
            user = invitations.accept(session, token, name=text(form.name), password_hash=hashed)
    except invitations.InvitationOver:
        return render_template("accounts/invitation_over.html"), 404
    logout_user()  # somebody else may be signed in on this machine: the manager who tried the link
    login_user(user, authn_via=["password"])
    return redirect(url_for("today.show"))


def _move(user_id: int, verb: Callable[[Session, User, User], None], words: str) -> ResponseReturnValue:
    try:
        with writing() as session:
            verb(session, _colleague(session, user_id), session.get_one(User, me().id))
    except members.LastManager:
        flash(_("Somebody has to manage. Make another person manager first."), "error")
    else:
        flash(words)
    return redirect(url_for("team.show"))


def _colleague(session: Session, user_id: int) -> User:
    found = session.get(User, user_id)
    if found is None or found.organisation_id != me().organisation_id:
        abort(404)
    return found


def _teams() -> list[Team]:
    query = (
        sa.select(Team)
        .where(Team.organisation_id == me().organisation_id, Team.sample.is_(False))
        .order_by(Team.name, Team.id)
    )
    return list(db.session.execute(query).scalars())


def _invite_form(*, empty: bool = False) -> InviteForm:
    form = InviteForm(formdata=None) if empty else InviteForm()
    form.team_id.choices = options((one.id, one.name) for one in _teams())
    return form


def _page(**values: Any) -> str:
    organisation_id = me().organisation_id
    values["invite_form"] = values.get("invite_form") or _invite_form(empty=True)
    values["team_form"] = values.get("team_form") or TeamForm(formdata=None)
    return render_template(
        "accounts/team.html",
        members=members.working_here(db.session, organisation_id),
        teams=_teams(),
        invitations=invitations.open_ones(db.session, organisation_id),
        plain=PlainForm(),
        roles=dict(ROLES),
        **values,
    )


def _absolute(endpoint: str, **values: Any) -> str:
    """An address to hand over, on the public address rather than on whatever Host the request came with."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.address + url_for(endpoint, **values)
