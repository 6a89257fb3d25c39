"""What features above put on the page of a person or of a company: each registers a name and a function that gathers
the values of its section. This module knows none of them; the template shows a section whose values are there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from vidmsg.people.models import Company, Person

Source = Callable[[Session, Person], Any]
OfCompany = Callable[[Session, Company], Any]
_sources: dict[str, Source] = {}
_of_companies: dict[str, OfCompany] = {}


def register(name: str, source: Source) -> None:
    """Let a feature fill the section `name` of a person's page."""
    _sources[name] = source


def register_company(name: str, source: OfCompany) -> None:
    """Let a feature fill the section `name` of a company's page."""
    _of_companies[name] = source


def of(session: Session, person: Person) -> dict[str, Any]:
    """The values of every section, by name."""
    return {name: source(session, person) for name, source in _sources.items()}


def of_company(session: Session, company: Company) -> dict[str, Any]:
    """The values of every section of a company's page, by name."""
    return {name: source(session, company) for name, source in _of_companies.items()}
