"""A company is removed: its days stay with the people they are kept with. In the caller's transaction."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg.milestones.models import Milestone
from vidmsg.people.models import Company


def company_removed(session: Session, company: Company) -> None:
    """They no longer name it."""
    session.execute(sa.update(Milestone).where(Milestone.company_id == company.id).values(company_id=None))
