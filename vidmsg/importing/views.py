"""The pages of lists: pick a file, see what its columns mean and what would happen with each row, take them in, take
them back. All of it works without scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from vidmsg import clock
from vidmsg.accounts import names
from vidmsg.accounts.forms import PlainForm
from vidmsg.accounts.models import User
from vidmsg.accounts.places import city
from vidmsg.database import db, writing
from vidmsg.importing import columns, contacts, plan, rows, taking_in, undoing
from vidmsg.importing.dates import Day
from vidmsg.importing.decoding import MAX_BYTES, Refused
from vidmsg.importing.plan import Plan
from vidmsg.milestones import kinds, words
from vidmsg.people import looking_after
from vidmsg.people.models import ImportBatch, ImportChange
from vidmsg.web import policy
from vidmsg.web.access import get_or_404, me, visible

lists = Blueprint("lists", __name__)

EARLIER = 10
ORDERS = {"": None, "day": True, "month": False}


@lists.get("/people/lists")
@policy.rep
def index() -> ResponseReturnValue:
    """Pick a file; lists that were brought before."""
    return _pick()


@lists.post("/people/lists")
@policy.rep
def bring() -> ResponseReturnValue:
    """Keep a file for looking at."""
    file = request.files.get("list")
    if not PlainForm().validate_on_submit() or file is None or not file.filename:
        return _pick(_("Pick a file first.")), 422
    data = file.stream.read(MAX_BYTES + 1)
    try:
        with writing() as session:
            user = session.get_one(User, me().id)
            batch = plan.begin(session, user, names.clean(file.filename), data)
    except Refused as error:
        return _pick(str(error)), 422
    return redirect(url_for("lists.show", batch_id=batch.id))


@lists.get("/people/lists/<int:batch_id>")
@policy.rep
def show(batch_id: int) -> ResponseReturnValue:
    """What would happen, or what happened."""
    return _page(get_or_404(ImportBatch, batch_id))


@lists.post("/people/lists/<int:batch_id>/columns")
@policy.rep
def set_columns(batch_id: int) -> ResponseReturnValue:
    """What the columns mean, corrected."""
    batch = get_or_404(ImportBatch, batch_id)
    if batch.applied_at is not None or batch.started_at is not None or not PlainForm().validate_on_submit():
        return redirect(url_for("lists.show", batch_id=batch.id))
    count = len((batch.mapping or {}).get("fields", []))
    fields = [request.form.get(f"c{at}", "") for at in range(count)]
    order = ORDERS.get(request.form.get("order", ""))
    chosen = {key[1:]: zone for key, zone in request.form.items() if key[:1] == "z" and key[1:].isdigit()}
    with writing() as session:
        problem = plan.set_columns(session.get_one(ImportBatch, batch.id), fields, order, chosen)
    if problem:
        flash(problem, "error")
    return redirect(url_for("lists.show", batch_id=batch.id))


@lists.post("/people/lists/<int:batch_id>/take")
@policy.rep
def take(batch_id: int) -> ResponseReturnValue:
    """Take them in."""
    batch, chosen = get_or_404(ImportBatch, batch_id), request.form.get("to", me().id, type=int)
    if chosen not in {one.id for one in _heirs(batch)}:
        flash(_("Choose a colleague who may see these people."), "error")
    elif PlainForm().validate_on_submit():
        try:
            taking_in.take_in(batch.id, me().id, chosen)
        except taking_in.AlreadyRunning:
            flash(_("This list is being taken in already. Look again in a moment."))
    return redirect(url_for("lists.show", batch_id=batch.id))


@lists.post("/people/lists/<int:batch_id>/undo")
@policy.rep
def undo(batch_id: int) -> ResponseReturnValue:
    """Take them back."""
    batch = get_or_404(ImportBatch, batch_id)
    if batch.applied_at is not None and PlainForm().validate_on_submit():
        undoing.undo(batch.id, me().id)
    return redirect(url_for("lists.show", batch_id=batch.id))


@lists.post("/people/lists/<int:batch_id>/forget")
@policy.rep
def forget(batch_id: int) -> ResponseReturnValue:
    """Not this file."""
    batch = get_or_404(ImportBatch, batch_id)
    if PlainForm().validate_on_submit():
        untouched = ImportBatch.id == batch.id, ImportBatch.started_at.is_(None)
        with writing() as session:
            session.execute(sa.delete(ImportBatch).where(*untouched))
    return redirect(url_for("lists.index"))


def _pick(problem: str = "") -> str:
    query = sa.select(ImportBatch).where(visible(ImportBatch)).order_by(ImportBatch.id.desc()).limit(EARLIER)
    earlier = db.session.scalars(query).all()
    return render_template("importing/pick.html", problem=problem, earlier=earlier, plain=PlainForm())


def _heirs(batch: ImportBatch) -> list[User]:
    """Who may look after the people of this list."""
    return looking_after.colleagues(db.session, batch.organisation_id, batch.team_id)


def _page(batch: ImportBatch) -> str:
    if batch.applied_at is not None:
        kept = sa.select(sa.func.count(ImportChange.id)).where(ImportChange.batch_id == batch.id)
        left = undoing.left(db.session, batch.id)
        todo = db.session.scalar(kept)
        return render_template("importing/taken.html", batch=batch, left=left, todo=todo, plain=PlainForm())
    made = plan.make(db.session, batch)
    return render_template(
        "importing/look.html",
        batch=batch,
        plan=made,
        shown=_shown_columns(made),
        words=columns.FIELDS,
        summary=_summary(made),
        has_days=any(one in contacts.DAYS for one in made.fields),
        order=(batch.mapping or {}).get("first"),
        what=_what,
        heirs=_heirs(batch) if made.of(rows.NEW) else [],
        running=batch.started_at is not None and clock.now() - batch.started_at < taking_in.ABANDONED,
        plain=PlainForm(),
    )


def _shown_columns(made: Plan) -> list[int]:
    """Columns in which anything stands, those that mean something first."""
    filled = [at for at in range(len(made.fields)) if made.fields[at] or made.example(at)]
    return sorted(filled, key=lambda at: not made.fields[at])


def _summary(made: Plan) -> list[str]:
    """The counts in words, what is nothing left out."""
    counts = rows.counts(made.proposals)
    said = (
        (counts[rows.NEW], ngettext("%(num)s person is new", "%(num)s people are new", counts[rows.NEW])),
        (counts[rows.CHANGED], ngettext("%(num)s changes", "%(num)s change", counts[rows.CHANGED])),
        (counts[rows.SAME], ngettext("%(num)s is here already", "%(num)s are here already", counts[rows.SAME])),
        (counts[rows.REFUSED], ngettext("%(num)s row stays out", "%(num)s rows stay out", counts[rows.REFUSED])),
    )
    return [words for count, words in said if count]


def _what(proposal: rows.Proposal) -> Sequence[str]:
    """What would be kept of a row, each as a short sentence."""
    one = proposal.contact
    said: list[str] = []
    if proposal.kind == rows.NEW:
        said += [_day(kind, day) for kind, day in one.days.items() if kind in contacts.KEPT_DAYS]
        said += [_visits(one.visits)] if one.visits else []
        said += [_("With %(name)s", name=proposal.owner.name)] if proposal.owner else []
    for field, (was, becomes) in proposal.changes.items():
        if field == "visits":
            said.append(_visits(becomes))
        elif isinstance(becomes, Day):
            said.append(_("%(now)s, before: %(was)s", now=_day(field, becomes), was=_date(was)))
        else:
            before = was or _("nothing")
            said.append(_("%(what)s: %(now)s, before: %(was)s", what=_field(field), now=becomes, was=before))
    if one.time_zone and proposal.kind == rows.NEW:
        said.append(city(one.time_zone))
    if proposal.agrees:
        said.append(_("Said yes to texts"))
    if proposal.stops:
        said.append(_("Do not contact"))
    if proposal.notes:
        said.append(ngettext("%(num)s note", "%(num)s notes", len(proposal.notes)))
    return said


def _day(kind: str, day: Day) -> str:
    return f"{kinds.of(kind).word}: {_date(day)}"


def _visits(count: Any) -> str:
    return str(_("%(what)s, reached now", what=words.occasion("count", "", count)))


def _date(day: object) -> str:
    """ "3 May 1980", "3 May" without its year."""
    if not isinstance(day, Day):
        return str(_("nothing"))
    known = clock.now().date().replace(year=day.year or 2000, month=day.month, day=day.day)
    return str(format_date(known, "d MMMM y" if day.year else "d MMMM"))


def _field(name: str) -> str:
    words = {
        "phone": _("Number"),
        "time_zone": _("Time zone"),
        "company": _("Company"),
        "owner": _("With"),
        "counted": _("Visits so far"),
    }
    return str(words.get(name) or columns.FIELDS[name])
