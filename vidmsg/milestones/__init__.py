"""Customers' dates: what comes back in whose life, by which rules, and the pages on which they are kept. It stands on
people; it may not know messages, videos or the calendar, which plans from these rows."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Put the pages of dates into the application, and the section "Dates" on a person's page."""
    from vidmsg.accounts import hearing
    from vidmsg.milestones import dates_views, leaving, marking, rules_views, shown
    from vidmsg.people import companies, keeping, sections

    app.register_blueprint(dates_views.dates)
    app.register_blueprint(rules_views.date_rules)
    sections.register("dates", shown.of_person)
    sections.register_company("dates", shown.of_company)
    keeping.on_change(marking.person_changed)
    companies.on_remove(leaving.company_removed)
    hearing.on_change(marking.organisation_changed)
