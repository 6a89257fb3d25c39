"""Templates of texts: kept in versions that never change, filled with what is known of one person. A message names the
version that it came from. What fields there are stands in `merging`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts import audit
from vidmsg.accounts.models import User
from vidmsg.composing import merging
from vidmsg.messages.models import Template, TemplateVersion
from vidmsg.milestones import kinds
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person

MAX_NAME, MAX_BODY, MAX_WORDS = 80, 1400, 280


@dataclass(frozen=True)
class Draft:
    """What a person writes into a template. `kind`: the kind of date it is for, None for any."""

    name: str
    kind: str | None
    body: str
    words: str = ""


def save(session: Session, user: User, draft: Draft, template: Template | None = None) -> Template:
    """A new template, or the next version of one where its words changed. Raises merging.WrongTemplate."""
    check(draft)
    if template is None:
        template = Template(organisation_id=user.organisation_id, created_at=clock.now(), name=draft.name)
        session.add(template)
    else:
        session.refresh(template, with_for_update=True)  # numbers of versions have no gap and no double
    template.name, template.kind = draft.name, draft.kind
    session.flush()
    latest = newest(session, template)
    if latest is None or (latest.body, latest.words) != (draft.body, draft.words):
        session.add(
            TemplateVersion(
                template_id=template.id,
                number=latest.number + 1 if latest else 1,
                body=draft.body,
                words=draft.words,
                author_id=user.id,
                created_at=clock.now(),
            )
        )
    session.flush()
    audit.record(session, user.id, template.organisation_id, "template.save", f"template:{template.id}")
    return template


def check(draft: Draft) -> None:
    """Raises WrongTemplate for what can't be kept."""
    if not draft.name:
        raise merging.WrongTemplate(_("Give it a name, so that you find it again."))
    if not draft.body:
        raise merging.WrongTemplate(_("Write the text first."))
    if draft.kind is not None and draft.kind not in kinds.KINDS:
        raise merging.WrongTemplate(_("There is no such kind of date."))
    merging.fields_of(draft.body)
    if any(field.name == merging.LINK for field in merging.fields_of(draft.words)):
        raise merging.WrongTemplate(_("The words on the page need no link: the video is right below them."))


def archive(session: Session, user: User, template: Template) -> None:
    """Offer it no more. Messages made from it keep their words."""
    template.archived_at = clock.now()
    audit.record(session, user.id, template.organisation_id, "template.archive", f"template:{template.id}")


def newest(session: Session, template: Template) -> TemplateVersion | None:
    """The words as they are now."""
    versions = sa.select(TemplateVersion).where(TemplateVersion.template_id == template.id)
    return session.scalars(versions.order_by(TemplateVersion.number.desc()).limit(1)).one_or_none()


def offered(session: Session, organisation_id: int, kind: str | None = None) -> list[tuple[Template, TemplateVersion]]:
    """Living templates with their words: for `kind` those made for it first, then those for any; else all."""
    last = (
        sa.select(sa.func.max(TemplateVersion.number))
        .where(TemplateVersion.template_id == Template.id)
        .correlate(Template)
        .scalar_subquery()
    )
    query = sa.select(Template, TemplateVersion).join(TemplateVersion, TemplateVersion.template_id == Template.id)
    query = query.where(
        Template.organisation_id == organisation_id, Template.archived_at.is_(None), TemplateVersion.number == last
    )
    if kind is not None:
        query = query.where(sa.or_(Template.kind == kind, Template.kind.is_(None)))
    rows = session.execute(query.order_by(Template.kind.is_(None), Template.name, Template.id))
    return [(row.Template, row.TemplateVersion) for row in rows]


def values(person: Person, sender: User, occurrence: Occurrence | None = None) -> Mapping[str, str | None]:
    """What is known for the fields. Nothing private: names, years and the occasion only."""
    count = occurrence.count if occurrence else None
    return {
        "first_name": person.first_name,
        "years": str(count) if count else None,
        "ordinal": merging.ordinal(count) if count else None,
        "occasion": (occurrence.milestone.title or spoken(occurrence.kind)) if occurrence else None,
        "rep_first_name": sender.first_name,
        "organisation": sender.organisation.name if sender.organisation else None,
    }


def spoken(kind: str) -> str:
    """A kind of date as a template says it: "happy birthday"."""
    words = {
        "birthday": _("birthday"),
        "customer_since": _("anniversary with us"),
        "work_anniversary": _("work anniversary"),
        "contract": _("anniversary"),
        "check_in": _("hello"),
    }
    return str(words.get(kind, _("day")))
