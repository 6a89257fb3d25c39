"""The pages of companies: the list, and one with its contacts and its days. A company is made where somebody types its
name on a person's form."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vidmsg.accounts.forms import text
from vidmsg.database import db, writing
from vidmsg.people import companies, sections
from vidmsg.people.blueprint import people
from vidmsg.people.forms import CompanyForm
from vidmsg.people.models import Company
from vidmsg.web import policy
from vidmsg.web.access import get_or_404, me, visible

SHOWN = 200


@people.get("/companies")
@policy.rep
def firms() -> ResponseReturnValue:
    """The companies, by name, or those that match."""
    words = request.args.get("q", "").strip()[:80]
    found = companies.page(db.session, visible(Company), words, SHOWN + 1)
    return render_template("people/companies.html", found=found[:SHOWN], more=len(found) > SHOWN, words=words)


@people.route("/companies/<int:company_id>", methods=["GET", "POST"])
@policy.rep
def company(company_id: int) -> ResponseReturnValue:
    """One company: who is there, its days, and its name to be corrected."""
    found = get_or_404(Company, company_id)
    form = CompanyForm(company=found.name)
    if not form.validate_on_submit():
        return _page(found, form), 422 if form.is_submitted() else 200
    try:
        with writing() as session:
            companies.rename(session, session.get_one(Company, found.id), text(form.company), me().id)
    except companies.NameTaken:
        form.company.errors = [_("There is another company of this name.")]
        return _page(found, form), 422
    flash(_("Kept."))
    return redirect(url_for("people.company", company_id=found.id))


@people.post("/companies/<int:company_id>/remove")
@policy.rep
def remove_company(company_id: int) -> ResponseReturnValue:
    """An empty one is taken away."""
    found = get_or_404(Company, company_id)
    try:
        with writing() as session:
            companies.remove(session, session.get_one(Company, found.id), me().id)
    except companies.StillThere:
        flash(_("Somebody is there. Take her out first, or leave the company as it is."), "error")
        return redirect(url_for("people.company", company_id=found.id))
    flash(_("%(name)s is removed.", name=found.name))
    return redirect(url_for("people.firms"))


def _page(found: Company, form: CompanyForm) -> str:
    return render_template(
        "people/company.html",
        company=found,
        contacts=companies.contacts(db.session, found),
        sections=sections.of_company(db.session, found),
        form=form,
    )
