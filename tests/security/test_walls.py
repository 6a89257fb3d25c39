"""Every route × {nobody, a rep, a rep of another team, a manager} has its expected answer, in one table. Routes are
taken from the application: one that is not in the table fails, and so does an answer that differs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests import cast, watched
from tests.security.whole_pages import complaints
from vidmsg import clock
from vidmsg.composing import templating
from vidmsg.composing.templating import Draft
from vidmsg.database import writing
from vidmsg.importing import plan
from vidmsg.messages.models import Inbound
from vidmsg.milestones import keeping
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Company, Note
from vidmsg.tokens import digest, new_token
from vidmsg.videos.models import FILE, Upload
from vidmsg.web import policy

WHO = ("nobody", "bob", "charlie", "alice")
IN = 302  # nobody is sent to the sign-in page
SAME = {
    "page": (IN, 200, 200, 200),  # for everybody who works here
    "own": (IN, 200, 404, 200),  # behind the team's wall
    "own post": (IN, 302, 404, 302),
    "manager": (IN, 403, 403, 200),
    "manager post": (IN, 403, 403, 302),
    "open": (200, 200, 200, 200),
    "no such": (404, 404, 404, 404),
    "forged": (403, 403, 403, 403),
}
"""Answers that many routes share: nobody, Bob whose row it is, Charlie of another team, Alice the manager."""

TABLE: dict[str, str | tuple[int, int, int, int]] = {
    # 412: without the tus header; 400 and 422: an empty form that was let through the wall.
    "DELETE uploads.upload": (412, 412, 412, 412),
    "GET account.face": (302, 404, 404, 404),
    "GET account.show": "page",
    "GET decency.edit": "manager",
    "GET feeds.feed": "no such",
    "GET feeds.show": "page",
    "GET asked.kept": "no such",
    "GET asked.page": "no such",
    "GET asked.play": "no such",
    "GET asked.state": "no such",
    "GET calendar.day": "page",
    "GET calendar.new": "page",
    "GET calendar.occurrence": "own",
    "GET calendar.show": "page",
    "GET date_rules.edit": "manager",
    "GET dates.edit": "own",
    "GET dates.new": "own",
    "GET forgetting.show": "manager",
    "GET freeze.show": "manager",
    "GET health.show": "open",
    "GET lists.index": "page",
    "GET lists.show": "own",
    "GET joining.page": "no such",
    "GET joining.privacy": "no such",
    "GET joining_desk.code": (302, 403, 403, 404),
    "GET joining_desk.show": "manager",
    "GET media.give": "forged",
    "GET messages.moment": "own",
    "GET messages.show": "own",
    "GET messages.state": "own",
    "GET messages.write": "own",
    "GET operating.show": "manager",
    "GET operating.state": "manager",
    "GET leaving.show": "manager",
    "GET organisation.edit": "manager",
    "GET people.company": "own",
    "GET people.edit": "own",
    "GET people.firms": "page",
    "GET people.index": "page",
    "GET people.new": "page",
    "GET people.show": "own",
    "GET phone.show": "page",
    "GET phone.state": "own",
    "GET phone.thread": "own",
    "GET security.change_password": "page",
    "GET security.forgot_password": "open",
    "GET security.login": (200, 302, 302, 302),
    "GET security.mf_recovery": (302, 302, 302, 302),
    "GET security.mf_recovery_codes": (302, 302, 302, 302),
    "GET security.reset_password": (302, 302, 302, 302),
    "GET security.static": "no such",
    "GET security.tf_select": (302, 302, 302, 302),
    "GET security.two_factor_rescue": (302, 302, 302, 302),
    "GET security.two_factor_setup": (302, 302, 302, 302),
    "GET security.two_factor_token_validation": (302, 302, 302, 302),
    "GET security.verify": "page",
    "GET setup.begin": "no such",
    "GET static": "open",
    "GET team.accept": "no such",
    "GET team.show": "manager",
    "GET templates.edit": "manager",
    "GET templates.index": "page",
    "GET templates.new": "manager",
    "GET texts.show": "page",
    "GET today.show": "page",
    "GET twilio.receipt": (302, 403, 403, 404),
    "GET twilio.show": "manager",
    "GET videos.play": (302, 404, 404, 404),
    "GET videos.record": "own",
    "GET videos.state": "own",
    "GET videos.takes": "page",
    "GET watch.face": "no such",
    "GET watch.nothing": "no such",
    "GET watch.page": "open",
    "GET watch.poster": "no such",
    "GET watch.preview": "no such",
    "GET watch.video": "no such",
    "PATCH uploads.upload": (412, 412, 412, 412),
    "POST account.no_picture": (302, 302, 302, 302),
    "POST account.picture": (302, 302, 302, 302),
    "POST account.show": (302, 302, 302, 302),
    "POST asked.create": "no such",
    "POST asked.discard": "no such",
    "POST asked.keep": "no such",
    "POST asked.renew": "no such",
    "POST calendar.assign": (302, 422, 404, 422),
    "POST calendar.move": (302, 422, 404, 422),
    "POST date_rules.edit": (302, 403, 403, 422),
    "POST dates.edit": (302, 422, 404, 422),
    "POST dates.new": "own",
    "POST dates.remove": (302, 302, 404, 404),
    "POST decency.edit": (302, 403, 403, 422),
    "POST decisions.decide": (302, 400, 404, 400),
    "POST decisions.expiry": "own post",
    "POST decisions.revoke": "own post",
    "POST decisions.seen": "own post",
    "POST feeds.end": (302, 302, 302, 302),
    "POST feeds.make": (302, 302, 302, 302),
    "POST freeze.lift": "manager post",
    "POST hooks.called": "forged",
    "POST hooks.received": "forged",
    "POST hooks.status": "forged",
    "POST lists.bring": (302, 422, 422, 422),
    "POST lists.forget": (302, 302, 404, 404),
    "POST lists.set_columns": "own post",
    "POST lists.take": "own post",
    "POST lists.undo": "own post",
    "POST joining.page": "no such",
    "POST joining_desk.turn": "manager post",
    "POST leaving.close": "manager post",
    "POST leaving.decide": (302, 403, 403, 400),
    "POST meanings.say": (302, 400, 404, 400),
    "POST messages.change": (302, 400, 404, 400),
    "POST messages.give_video": "own post",
    "POST messages.write": "own",
    "POST operating.decide": (302, 403, 403, 400),
    "POST operating.try_again": "manager post",
    "POST organisation.edit": "manager post",
    "POST people.add_sample": "manager post",
    "POST people.company": "own post",
    "POST people.consent": (302, 422, 404, 422),
    "POST people.edit": "own post",
    "POST people.give": "own post",
    "POST forgetting.forget": "manager post",
    "POST people.new": (302, 422, 422, 422),
    "POST people.note": (302, 422, 404, 422),
    "POST people.pause": "own post",
    "POST people.remove_company": (302, 302, 404, 404),
    "POST people.remove_note": (302, 302, 404, 404),
    "POST people.remove_sample": (302, 403, 403, 404),
    "POST people.resume": "own post",
    "POST phone.reply": (302, 400, 404, 400),
    "POST security.change_password": "page",
    "POST security.forgot_password": "open",
    "POST security.login": (200, 302, 302, 302),
    "POST security.logout": (302, 302, 302, 302),
    "POST security.mf_recovery": (302, 302, 302, 302),
    "POST security.mf_recovery_codes": (302, 302, 302, 302),
    "POST security.reset_password": (302, 302, 302, 302),
    "POST security.tf_select": (302, 302, 302, 302),
    "POST security.two_factor_rescue": (302, 302, 302, 302),
    "POST security.two_factor_setup": (302, 302, 302, 302),
    "POST security.two_factor_setup_validate": (302, 302, 302, 302),
    "POST security.two_factor_token_validation": (302, 302, 302, 302),
    "POST security.verify": "page",
    "POST setup.begin": "no such",
    "POST team.accept": "no such",
    "POST team.add_team": (302, 403, 403, 422),
    "POST team.change_role": "manager post",
    "POST team.invite": (302, 403, 403, 422),
    "POST team.reactivate": "manager post",
    "POST team.reset": "manager",
    "POST team.withdraw": (302, 403, 403, 404),
    "POST templates.archive": "manager post",
    "POST templates.edit": "manager post",
    "POST templates.new": (302, 403, 403, 422),
    "POST texts.off": (302, 302, 302, 302),
    "POST texts.show": (302, 422, 422, 422),
    "POST twilio.point": "manager post",
    "POST twilio.send": "manager post",
    "POST today.hand": "own post",
    "POST today.later": "own post",
    "POST today.let_be": "own post",
    "POST uploads.create": (302, 412, 412, 412),
    "POST uploads.renew": (302, 200, 404, 404),
    "POST uploads.upload": (412, 412, 412, 412),
    "POST videos.again": (302, 409, 404, 404),
    "POST videos.discard": (302, 204, 404, 404),
    "POST videos.keep": (302, 200, 404, 404),
    "POST videos.put_in_library": (302, 409, 404, 404),
    "POST watch.felt": (400, 400, 400, 400),
    "POST watch.seen": (400, 400, 400, 400),
    "PUT media.take": "forged",
}


@dataclass(frozen=True)
class World:
    """Ids to fill the routes with: Bob's Maria, his message, video, upload and link."""

    values: dict[str, Any]
    users: dict[str, Any]


@pytest.fixture
def world(app: Flask) -> World:
    """The cast with one message of Bob's that has arrived, one reply, one note, one open upload."""
    with app.app_context(), writing() as session:
        people = cast.put_in(session)
        values = _rows(session, people)
        return World(values, {"bob": people.bob, "charlie": people.charlie, "alice": people.alice})


def _rows(session: Session, people: cast.Cast) -> dict[str, Any]:
    now, bob, maria = clock.now(), people.bob, people.maria
    sent = watched.arrived(session, people, at=now)
    note = Note(person_id=maria.id, author_id=bob.id, text="Swims", at=now)
    reply = Inbound(
        sid="SM" + "0" * 32,
        organisation_id=bob.organisation_id,
        person_id=maria.id,
        message_id=sent.message_id,
        from_number=str(maria.phone),
        to_number="+12065550199",
        body="Thanks",
        kind="text",
        at=now,
    )
    upload = Upload(
        video_id=sent.video_id,
        user_id=bob.id,
        capability_digest=digest("secret"),
        kind=FILE,
        length=10,
        created_at=now,
        moved_at=now,
    )
    template = templating.save(session, people.alice, Draft("Thanks", None, "Hi {first_name}"))
    birthday = keeping.add(session, maria, Details("birthday", month=5, day=17), bob.id)
    day = Occurrence(
        organisation_id=maria.organisation_id, team_id=maria.team_id, milestone_id=birthday.id, person_id=maria.id,
        kind="birthday", cycle="2027", natural_on=dt.date(2027, 5, 17), planned_on=dt.date(2027, 5, 17), created_at=now,
    )  # fmt: skip
    company = Company(organisation_id=maria.organisation_id, team_id=maria.team_id, name="Wells Bakery")
    session.add_all([note, reply, upload, day, company])
    session.flush()
    return {
        "person_id": maria.id,
        "note_id": note.id,
        "company_id": company.id,
        "template_id": template.id,
        "milestone_id": birthday.id,
        "occurrence_id": day.id,
        "day": "2027-05-17",
        "message_id": sent.message_id,
        "video_id": sent.video_id,
        "reply_id": reply.id,
        "batch_id": plan.begin(session, bob, "list.csv", b"Name,Mobile\nTom,206 555 0143\n").id,
        "upload_id": upload.id,
        "user_id": people.charlie.id,
        "token": sent.token,
        "capability": "wrong",
        "number": str(maria.phone)[1:],
        "kind": "best",
        "rest": "nothing",
        "role": "rep",
        "attempt_id": new_token(),
        "filename": "css/tokens.css",
        "whose": "mine",
        "what": "open",
        "invitation_id": 1,
        "key": new_token(),
    }


def _routes(app: Flask) -> dict[str, str]:
    """ "METHOD endpoint" → rule, for every route."""
    return {
        f"{method} {rule.endpoint}": rule.rule
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}
    }


def test_the_table_names_every_route_and_no_other(app: Flask) -> None:
    assert set(TABLE) == set(_routes(app))


@pytest.mark.parametrize("route", sorted(TABLE))
def test_each_caller_gets_what_the_table_says(
    route: str, app: Flask, world: World, client: FlaskClient, sign_in: Callable[[Any], FlaskClient]
) -> None:
    method, endpoint = route.split(" ")
    wanted = TABLE[route]
    expected = SAME[wanted] if isinstance(wanted, str) else wanted
    with app.test_request_context():
        rule = next(rule for rule in app.url_map.iter_rules(endpoint) if method in (rule.methods or set()))
        path = rule.build({name: world.values[name] for name in rule.arguments})
    assert path is not None
    got = {}
    for who in ("nobody", "charlie", "bob", "alice"):  # Charlie before Bob: what Bob does may change the row
        caller = client if who == "nobody" else sign_in(world.users[who])
        answer = caller.open(path[1], method=method)
        got[who] = answer.status_code
        assert not complaints(endpoint, answer)
        if who == "nobody" and policy.of(app, endpoint) in {policy.REP, policy.MANAGER}:
            assert "/login" in answer.headers["Location"]
    assert got == dict(zip(WHO, expected, strict=True))
