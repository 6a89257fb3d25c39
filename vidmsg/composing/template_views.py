"""Pages of templates: what there is, writing one with a look at it filled for a real person, putting one away."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Length

from vidmsg.accounts import names
from vidmsg.accounts.forms import PlainForm, options
from vidmsg.composing import cost, merging, templating
from vidmsg.database import db, writing
from vidmsg.messages import links, slips
from vidmsg.messages.models import Template
from vidmsg.milestones import kinds
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import CUSTOMER, Person
from vidmsg.sms import segments
from vidmsg.web import access, policy

templates = Blueprint("templates", __name__, url_prefix="/templates")

ANY = ""
LINK_SAMPLE = "x" * 22
SAMPLE = {"years": "5", "ordinal": "5th", "occasion": "anniversary"}  # for whoever has no such day yet


class TemplateForm(FlaskForm):  # type: ignore[misc, unused-ignore]
    """A template's name, what it is for, and its words."""

    name = StringField(_l("What do you call it?"), filters=[lambda text: names.clean(text or "")],
                       validators=[Length(max=templating.MAX_NAME)])  # fmt: skip
    kind = SelectField(
        _l("For which days?"),
        choices=lambda: options([(ANY, _("Any day")), *((kind.key, kind.word) for kind in kinds.KINDS.values())]),
    )
    body = TextAreaField(_l("The text"), filters=[lambda text: names.clean_text(text or "")],
                         validators=[Length(max=templating.MAX_BODY)], render_kw={"rows": 4})  # fmt: skip
    words = TextAreaField(_l("On the page, in large letters"), filters=[lambda text: names.clean_text(text or "")],
                          validators=[Length(max=templating.MAX_WORDS)], render_kw={"rows": 2})  # fmt: skip

    def draft(self) -> templating.Draft:
        """What was written."""
        body = segments.plain(self.body.data or "")
        return templating.Draft(self.name.data or "", self.kind.data or None, body, self.words.data or "")


@templates.get("/")
@policy.rep
def index() -> ResponseReturnValue:
    """All templates."""
    offered = templating.offered(db.session, access.me().organisation_id)
    return render_template(
        "composing/templates.html", offered=offered, words={k.key: k.word for k in kinds.KINDS.values()}
    )


@templates.route("/new", methods=["GET", "POST"])
@policy.manager
def new() -> ResponseReturnValue:
    """A new one."""
    return _edit(None)


@templates.route("/<int:template_id>", methods=["GET", "POST"])
@policy.manager
def edit(template_id: int) -> ResponseReturnValue:
    """The next version of one."""
    return _edit(_find(template_id))


@templates.post("/<int:template_id>/archive")
@policy.manager
def archive(template_id: int) -> ResponseReturnValue:
    """Put it away."""
    found = _find(template_id)
    with writing() as session:
        templating.archive(session, access.me(), session.get_one(Template, found.id))
    flash(_("Put away. Texts that were made from it stay as they are."))
    return redirect(url_for("templates.index"))


def _edit(template: Template | None) -> ResponseReturnValue:
    latest = templating.newest(db.session, template) if template else None
    form = TemplateForm(
        name=template.name if template else "",
        kind=(template.kind or ANY) if template else ANY,
        body=latest.body if latest else "",
        words=latest.words if latest else "",
    )
    if form.is_submitted() and form.validate() and "look" not in request.form:
        answer = _save(form, template)
        if answer:
            return answer
    status = 422 if form.errors else 200
    return render_template(
        "composing/template.html", form=form, template=template, latest=latest, plain=PlainForm(),
        fields=[f"{{{name}}}" for name in slips.FIELDS], **_look(form)
    ), status  # fmt: skip


def _save(form: TemplateForm, template: Template | None) -> ResponseReturnValue | None:
    try:
        with writing() as session:
            kept = session.get_one(Template, template.id) if template else None
            templating.save(session, access.me(), form.draft(), kept)
    except merging.WrongTemplate as error:
        form.body.errors = [str(error)]
        return None
    flash(_("Kept. It is offered from now on."))
    return redirect(url_for("templates.index"))


def _look(form: TemplateForm) -> dict[str, Any]:
    """The template filled for a real person, with what one text takes and costs."""
    person, occurrence = _somebody()
    if person is None or not form.body.data:
        return {"person": person, "filled": None}
    known = {**SAMPLE, **{k: v for k, v in templating.values(person, access.me(), occurrence).items() if v}}
    try:
        filled = merging.fill(segments.plain(form.body.data), known)
        words = merging.fill(form.words.data or "", known)
    except merging.WrongTemplate as error:
        return {"person": person, "filled": None, "wrong": str(error)}
    base = current_app.config["SETTINGS"].address
    count = segments.count(f"{filled} {links.address(base, LINK_SAMPLE)}")
    return {
        "person": person, "filled": filled, "filled_words": words, "host": base.split("://", 1)[1], "count": count,
        "cents": cost.cents(person.phone, count.segments), "sampled": occurrence is None,
    }  # fmt: skip


def _somebody() -> tuple[Person | None, Occurrence | None]:
    """Whose data the look uses: the next occasion's person, else any customer."""
    query = sa.select(Occurrence).where(access.visible(Occurrence)).order_by(Occurrence.planned_on, Occurrence.id)
    occurrence = db.session.scalars(query.limit(1)).one_or_none()
    if occurrence:
        return occurrence.person, occurrence
    anybody = sa.select(Person).where(access.visible(Person), Person.kind == CUSTOMER).order_by(Person.id)
    return db.session.scalars(anybody.limit(1)).one_or_none(), None


def _find(template_id: int) -> Template:
    found = db.session.get(Template, template_id)
    if found is None or found.organisation_id != access.me().organisation_id or found.archived_at is not None:
        abort(404)
    return found
