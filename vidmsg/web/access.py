"""Who is asking, for views and features: the signed-in user and the walls around her team. A row behind a wall
answers 404, like one that does not exist."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import sqlalchemy as sa
from flask import abort
from flask_login import current_user

from vidmsg.database import db

Row = TypeVar("Row")


def me() -> Any:
    """The signed-in user (accounts.models.User); only on routes whose policy asks for one."""
    return current_user._get_current_object()


def visible(model: type[Any]) -> sa.ColumnElement[bool]:
    """The condition that keeps to the rows that this user may see: her team's, or for a manager the organisation's. A
    table may keep some of them to one user alone, by a class method `shown_to`."""
    user = me()
    inside = model.organisation_id == user.organisation_id
    if not user.is_manager:
        inside = sa.and_(inside, model.team_id == user.team_id)
    shown_to = getattr(model, "shown_to", None)
    return cast("sa.ColumnElement[bool]", sa.and_(inside, shown_to(user.id)) if shown_to else inside)


def get_or_404(model: type[Row], row_id: Any) -> Row:
    """The row with this id, if it stands inside the user's walls; else 404."""
    key: Any = model
    row = db.session.execute(sa.select(model).where(key.id == row_id, visible(model))).scalar_one_or_none()
    if row is None:
        abort(404)
    return row
