"""The pages of people: the list, one person, adding and changing her, notes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock, phone
from vidmsg.accounts.forms import text
from vidmsg.accounts.models import User
from vidmsg.database import db, writing
from vidmsg.people import companies, consent, finding, history, keeping, looking_after, samples, sections, timeline
from vidmsg.people.blueprint import people
from vidmsg.people.forms import (
    FROM_NUMBER,
    TOPIC_WORDS,
    ConsentForm,
    NewPersonForm,
    NoteForm,
    PauseForm,
    PersonForm,
    PlainForm,
)
from vidmsg.people.models import COLLEAGUE, GRANTED, Note, Person
from vidmsg.web import policy
from vidmsg.web.access import get_or_404, me, visible


@people.get("/people")
@policy.rep
def index() -> ResponseReturnValue:
    """Everybody this user may see, by name; or those who match the search."""
    words = request.args.get("q", "").strip()[:80]
    home = me().organisation
    page = finding.page(db.session, visible(Person), words=words, after=request.args.get("after"), country=home.country)
    agreed = {one.id for one in page.people if consent.is_granted(db.session, home.id, one.phone)}
    return render_template(
        "people/index.html",
        page=page,
        words=words,
        agreed=agreed,
        paused=keeping.is_paused,
        plain=PlainForm(),
        first=request.args.get("after") is None,
        sample=samples.team_of(db.session, home.id),
    )


@people.route("/people/new", methods=["GET", "POST"])
@policy.rep
def new() -> ResponseReturnValue:
    """Add a person, with what was said about texts."""
    home = me().organisation
    form = NewPersonForm(
        country=home.country,
        home=home.time_zone,
        phone=request.args.get("phone", "")[: phone.MAX_INPUT],
        company=request.args.get("company", "")[:120],
        words=consent.sentence(home.name),
    )
    if not form.validate_on_submit():
        return _form_page(form), 422 if form.is_submitted() else 200
    twins = _unconfirmed_twins(form)
    if twins:
        return _form_page(form, twins=twins), 422
    with writing() as session:
        person = keeping.add(session, session.get_one(User, me().id), _details(form))
        _place(session, person, form)
        granted = _noted_yes(session, person, form)
    if form.agreed.data and not granted:
        flash(_("Kept. But this number asked us by text to stop, so nothing is sent until it texts START."), "error")
    elif granted:
        flash(_("%(name)s is here, and agreed to texts.", name=person.first_name))
    else:
        flash(_("%(name)s is here. There is no yes to texts yet, so nothing is sent.", name=person.first_name))
    return redirect(url_for("people.show", person_id=person.id))


@people.get("/people/<int:person_id>")
@policy.rep
def show(person_id: int) -> ResponseReturnValue:
    """One person."""
    return page_of(get_or_404(Person, person_id))


@people.route("/people/<int:person_id>/edit", methods=["GET", "POST"])
@policy.rep
def edit(person_id: int) -> ResponseReturnValue:
    """Change name, number, zone or company."""
    person, home = get_or_404(Person, person_id), me().organisation
    number = phone.pretty(person.phone, home.country) if person.phone else ""
    form = PersonForm(
        country=home.country,
        home=home.time_zone,
        first_name=person.first_name,
        last_name=person.last_name,
        phone=number,
        time_zone=FROM_NUMBER if person.zone_is_guess and person.phone else person.time_zone,
        company=person.company.name if person.company else "",
        works_here=person.kind == COLLEAGUE,
    )
    if not form.validate_on_submit():
        return _form_page(form, person=person), 422 if form.is_submitted() else 200
    twins = _unconfirmed_twins(form, person.id)
    if twins:
        return _form_page(form, person=person, twins=twins), 422
    moved = form.e164 != person.phone
    with writing() as session:
        row = session.get_one(Person, person.id)
        keeping.change(session, row, _details(form), me().id)
        _place(session, row, form)
    flash(_("Kept. This is a new number, so ask once more whether texts are welcome.") if moved else _("Kept."))
    return redirect(url_for("people.show", person_id=person.id))


@people.post("/people/<int:person_id>/notes")
@policy.rep
def note(person_id: int) -> ResponseReturnValue:
    """Keep something the person told us."""
    person, form = get_or_404(Person, person_id), NoteForm()
    if not form.validate_on_submit():
        return page_of(person, note_form=form), 422
    with writing() as session:
        keeping.note(session, person, me().id, text(form.text), form.topic.data or None)
    return redirect(url_for("people.show", person_id=person.id, _anchor="told"))


@people.post("/people/<int:person_id>/notes/<int:note_id>/remove")
@policy.rep
def remove_note(person_id: int, note_id: int) -> ResponseReturnValue:
    """Forget a note."""
    person = get_or_404(Person, person_id)
    with writing() as session:
        gone: Any = session.execute(sa.delete(Note).where(Note.id == note_id, Note.person_id == person.id))
    if gone.rowcount != 1:
        abort(404)
    return redirect(url_for("people.show", person_id=person.id, _anchor="told"))


def page_of(person: Person, **forms: Any) -> str:
    """The page of one person; a form that was refused is shown again with its reasons."""
    home = me().organisation
    said = consent.of_person(db.session, person)
    values: dict[str, Any] = {
        "note_form": NoteForm(formdata=None),
        "pause_form": PauseForm(formdata=None),
        "plain": PlainForm(),
        "consent_form": ConsentForm(formdata=None, words=consent.sentence(home.name)),
    }
    values.update(forms)
    return render_template(
        "people/show.html",
        person=person,
        notes=_notes(db.session, person),
        topics=TOPIC_WORDS,
        timeline=timeline.of(db.session, person),
        sections=sections.of(db.session, person),
        said=said[0] if said else None,
        where=history.where,
        agreed=bool(said) and said[0].action == GRANTED,
        stopped=bool(person.phone) and consent.asked_to_stop(db.session, home.id, person.phone or ""),
        local=clock.local(clock.now(), person.time_zone),
        paused=keeping.is_paused(person),
        forever=keeping.FOREVER,
        heirs=_heirs(person),
        **values,
    )


def _heirs(person: Person) -> list[User]:
    """To whom she could go; a rep's own row goes to nobody."""
    if person.user_id is not None:
        return []
    everybody = looking_after.colleagues(db.session, person.organisation_id, person.team_id)
    return [one for one in everybody if one.id != person.owner_id]


def _notes(session: Session, person: Person) -> dict[str, list[Note]]:
    """Notes by topic ('' for none), the newest first."""
    query = sa.select(Note).where(Note.person_id == person.id).order_by(Note.at.desc(), Note.id.desc())
    found: dict[str, list[Note]] = {}
    for one in session.execute(query).scalars():
        found.setdefault(one.topic or "", []).append(one)
    return found


def _form_page(form: PersonForm, **values: Any) -> str:
    team_id = values["person"].team_id if "person" in values else me().team_id
    offered = companies.names(db.session, team_id)
    return render_template("people/form.html", form=form, companies=offered, **values)


def _details(form: PersonForm) -> keeping.Details:
    return keeping.Details(text(form.first_name), text(form.last_name), form.e164, form.zone)


def _place(session: Session, person: Person, form: PersonForm) -> None:
    """The company and the kind that the form says."""
    companies.place(session, person, text(form.company), works_here=form.works_here.data, user_id=me().id)


def _noted_yes(session: Session, person: Person, form: NewPersonForm) -> bool:
    """Note the new person's yes, if she said one and did not ask by text to stop before."""
    if not form.agreed.data:
        return False
    said = {"number": person.phone, "words": text(form.words), "source": form.source.data}
    try:
        consent.grant(session, person, **said, user_id=me().id)
    except consent.Stopped:
        return False
    return True


def _unconfirmed_twins(form: PersonForm, but: int | None = None) -> list[str]:
    """Names of others with this number, as far as this user may see them, unless she said that it is meant so."""
    if form.same_number.data:
        return []
    user = me()
    twins = finding.same_number(db.session, user.organisation_id, form.e164 or "", but)
    return [
        one.name if user.is_manager or one.team_id == user.team_id else _("Somebody in another team") for one in twins
    ]
