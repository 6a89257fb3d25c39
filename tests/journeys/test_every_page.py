"""Every page, at four widths, light and dark: axe finds nothing, nothing runs out of the window, nothing is broken.
Doors and pages of trouble are in test_every_door.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from tests import cast, watched
from tests.journeys.conftest import sign_in
from tests.journeys.looking import look
from tests.server import Server, decent_hour, serving, wait_for
from vidmsg import clock
from vidmsg.accounts import invitations
from vidmsg.accounts.models import User
from vidmsg.asking import admitting
from vidmsg.calendar import planning
from vidmsg.composing import templating
from vidmsg.database import reading, writing
from vidmsg.importing import plan, taking_in
from vidmsg.messages import compose, states
from vidmsg.messages.models import Message
from vidmsg.milestones.models import Occurrence
from vidmsg.people import companies, samples
from vidmsg.videos.models import BROKEN, COMPLETE, PREPARING, READY, STANDARD, TAKE, Upload, Video

pytestmark = pytest.mark.xdist_group("every page")  # one house is enough
SIGNED_OUT = ("login", "forgot", "invitation", "spent", "over", "watch", "gone", "asked", "kept", "asked_over")
LIST = (
    "Full name,Mobile,Birthday,Customer since,Favourite colour\n"
    "Maria Alvarez,206 555 0142,5/17/1990,,red\n"
    "Tom Wells,206 555 0143,2/29/1992,3/1/2019,\n"
    "Tom,1-206-555-0143,,,\n"
    "Ann Featherstonehaugh-Cholmondeley,206 555 01,31 Feb,,green\n"
)
GONE = ("gone", "spent", "over", "nothing", "asked_over")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, str]]]:
    """A server with the cast, sample people, takes and a text on the practice phone; its pages' addresses."""
    with serving(tmp_path_factory.mktemp("pages") / "installation") as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv(clock.OFFSET_FILE, server.environment[clock.OFFSET_FILE])  # an invitation runs out by its clock
        addresses = _fill(server)
        _take(server)
        _send(server)
        _miss(server)
        yield server, addresses


def _fill(server: Server) -> dict[str, str]:
    app = server.app()
    with app.app_context(), writing() as session:
        sent = watched.make(session, app.extensions["storage"])
        alice = session.execute(sa.select(User).where(User.email == "alice@harborspa.example")).scalar_one()
        samples.add(session, alice)
        message = session.get_one(Message, sent.message_id)
        assert alice.team
        invitation = invitations.invite(
            session, by=alice, team=alice.team, email="dana@harborspa.example", name="Dana", role="rep"
        )
        bob = message.sender_id
        companies.place(session, message.person, "Wells Bakery", works_here=False, user_id=alice.id)
        firm = message.person.company_id
        maria, number = message.person_id, message.phone[1:]
        alice.organisation.join_token = "the-token-of-the-page"
        words = "Hi {first_name}, {rep_first_name} here: happy {ordinal|special} day! {link}"
        template = templating.save(session, alice, templating.Draft("Anniversary", "customer_since", words)).id
    with app.app_context():
        planning.run()
        with reading() as session:
            day = session.scalars(sa.select(Occurrence).order_by(Occurrence.id).limit(1)).one()
    return {
        "login": "/login",
        "forgot": "/reset",
        "invitation": f"/invite/{invitation}",
        "watch": sent.path,
        "gone": "/v/unknown",
        "today": "/",
        "people": "/people",
        "person": f"/people/{maria}",
        "edit": f"/people/{maria}/edit",
        "forget": f"/people/{maria}/forget",
        "companies": "/companies",
        "company": f"/companies/{firm}",
        "lists": "/people/lists",
        "looked": f"/people/lists/{_list(server, alice)}",
        "taken": f"/people/lists/{_list(server, alice, take=True)}",
        "new": "/people/new",
        "write": f"/people/{maria}/write?video={sent.video_id}",
        "plain": f"/people/{maria}/write",
        "plan": f"/people/{day.person_id}/write?occurrence={day.id}",
        "planned": f"/messages/{_written(server, None)}",
        "late": f"/messages/{_written(server, states.MISSED)}",
        "message": f"/messages/{sent.message_id}",
        "phone": "/phone",
        "thread": f"/phone/{number}",
        "calendar": "/calendar",
        "far": "/calendar?month=2031-03",
        "date": f"/people/{maria}/dates/new",
        "birthday": f"/people/{maria}/dates/new?kind=birthday",
        "its_date": f"/people/{day.person_id}/dates/{day.milestone_id}",
        "whose": "/calendar/new",
        "day": f"/calendar/day/{day.planned_on.isoformat()}",
        "occasion": f"/calendar/{day.id}",
        "rules": "/settings/dates",
        "decency": "/settings/decency",
        "twilio": "/settings/twilio",
        "running": "/operating?kind=missed",
        "takes": "/takes",
        "record": f"/record/{maria}",
        "templates": "/templates/",
        "template": f"/templates/{template}",
        "words": "/templates/new",
        "feeds": "/calendar/feeds",
        "join": f"/join/{alice.organisation.join_token}",
        "privacy": f"/join/{alice.organisation.join_token}/privacy",
        "joining": "/settings/joining/",
        "account": "/account",
        "texts": "/account/texts",
        "asked": f"/r/{_asked(server, bob)}",
        "kept": f"/r/{_asked(server, bob, kept=True)}/kept",
        "asked_over": "/r/unknown",
        "password": "/change",
        "second": "/tf-setup",
        "team": "/team",
        "leaving": f"/team/{bob}/leaving",
        "settings": "/settings",
        "sending": "/sending",
        "verify": "/verify",
        "spent": "/setup/unknown",
        "over": "/invite/unknown",
        "nothing": "/nothing-here",
    }


def _list(server: Server, alice: User, take: bool = False) -> int:
    """Alice has looked at a list, or taken it in; it has something of each kind."""
    app = server.app()
    with app.app_context():
        with writing() as session:
            rows = LIST if take else f"{LIST}Zoe Quill,206 555 0149,,,\n"  # she is new still
            batch = plan.begin(session, alice, "customers of the front desk.csv", rows.encode())
            batch.created_at = decent_hour()  # it is the server's clock that forgets after a day
        if take:
            taking_in.take_in(batch.id, alice.id)
    return batch.id


def _written(server: Server, state: str | None) -> str:
    """A text of Bob's to Maria that waits for its video, or stands in another state."""
    app = server.app()
    with app.app_context(), writing() as session:
        earlier = session.scalars(sa.select(Message).where(Message.video_id.is_not(None))).one()
        body, due = "Hi Maria, it's Bob. I made you a short video.", decent_hour() + dt.timedelta(days=400)
        message = compose.compose(
            session, sender=earlier.sender, person=earlier.person, video=None, request_key=f"written {state}",
            due_at=due, plan=compose.Plan(no_video="ask"), body=f"{body} Harbor Spa. Reply STOP to opt out.", words="",
        )  # fmt: skip
        message.state = state or message.state
        message.send_on = None if state is None else (decent_hour() - dt.timedelta(days=1)).date()
    return message.id


def _take(server: Server) -> None:
    """Alice has takes that wait: one to be seen, one on its way, one that failed, and a kept one."""
    app, storage = server.app(), server.app().extensions["storage"]
    with app.app_context(), writing() as session:
        alice = session.execute(sa.select(User).where(User.email == "alice@harborspa.example")).scalar_one()
        home = {"organisation_id": alice.organisation_id, "team_id": alice.team_id, "owner_id": alice.id}
        known = {"duration_s": 4.0, "width": 180, "height": 320, "has_audio": True, "silent": True}
        broken = {"problem_code": "not_prepared", "problem": "We could not make this playable."}
        kept = {**known, "kept_at": decent_hour()}
        for state, more in ((READY, known), (PREPARING, {}), (BROKEN, broken), (READY, kept)):
            video = Video(**home, state=state, created_at=decent_hour(), **more)
            session.add(video)
            session.flush()
            upload = {"video_id": video.id, "user_id": alice.id, "capability_digest": "", "kind": TAKE, "offset": 9}
            session.add(Upload(**upload, state=COMPLETE, created_at=decent_hour(), moved_at=decent_hour()))
            if state == READY:
                watched.add(session, storage, video.id, STANDARD, watched.small_mp4(), "video/mp4", 180, 320, 4)


def _send(server: Server) -> None:
    """Bob sends Maria a text with a video; it arrives on the practice phone."""
    app = server.app()
    with app.app_context(), writing() as session:
        earlier = session.scalars(sa.select(Message).where(Message.video_id.is_not(None))).one()
        message = compose.compose(
            session,
            sender=earlier.sender,
            person=earlier.person,
            video=session.get(Video, earlier.video_id),
            body="Hi Maria, it's Bob from Harbor Spa. I made you a short video. Reply STOP to opt out.",
            words="",
            request_key="pages",
            due_at=decent_hour(),
        )

    def _arrived() -> bool:
        with app.app_context(), reading() as session:
            return session.get_one(Message, message.id).state == states.DELIVERED

    wait_for(_arrived, "the text to arrive on the practice phone")


def _miss(server: Server) -> None:
    """One of Bob's texts missed its day."""
    app = server.app()
    with app.app_context(), writing() as session:
        earlier = session.execute(sa.select(Message).order_by(Message.created_at)).scalars().first()
        assert earlier
        text = {"body": "Hi Maria, happy birthday. Reply STOP to opt out.", "words": "", "request_key": "missed"}
        message = compose.compose(
            session, sender=earlier.sender, person=earlier.person, video=None, due_at=decent_hour(), **text
        )
        message.state, message.reason = states.MISSED, "Maria's day was yesterday. Send it after all, or let it be."


def _asked(server: Server, bob: int, kept: bool = False) -> str:
    """The token of a link in a text to Bob, who perhaps has recorded by it."""
    app = server.app()
    with app.app_context(), writing() as session:
        latest = sa.select(Occurrence).order_by(Occurrence.planned_on.desc(), Occurrence.id).limit(1)
        user, occurrence, now = session.get_one(User, bob), session.scalars(latest).one(), decent_hour()
        occurrence.assignee_id, occurrence.team_id = bob, user.team_id  # the only days are those of sample people
        link, token = admitting.make(session, occurrence, user)
        link.expires_at = now + admitting.LIFE  # it is the server's clock that ends it
        if kept:
            home = {"organisation_id": occurrence.organisation_id, "team_id": occurrence.team_id, "owner_id": bob}
            video = Video(**home, person_id=occurrence.person_id, state=PREPARING, created_at=now, kept_at=now)
            session.add(video)
            session.flush()
            whose = {"video_id": video.id, "user_id": bob, "occurrence_id": occurrence.id, "capability_digest": ""}
            link.upload = Upload(**whose, kind=TAKE, state=COMPLETE, created_at=now, moved_at=now)
    return token


def _answer(page: Page) -> None:
    """Maria writes back, on the practice phone."""
    page.goto(f"/phone/{cast.MARIA_PHONE[1:]}")
    page.get_by_label("Answer as Maria").fill("Oh Bob. Five years! Say hello to everyone at the front desk from me.")
    page.get_by_role("button", name="Send as Maria").click()
    page.get_by_text("Delivered").wait_for()


PAGES = (
    "login",
    "forgot",
    "invitation",
    "watch",
    "gone",
    "today",
    "people",
    "person",
    "edit",
    "forget",
    "companies",
    "company",
    "lists",
    "looked",
    "taken",
    "new",
    "write",
    "plain",
    "plan",
    "planned",
    "late",
    "message",
    "phone",
    "thread",
    "calendar",
    "far",
    "date",
    "birthday",
    "its_date",
    "whose",
    "day",
    "occasion",
    "rules",
    "decency",
    "twilio",
    "running",
    "takes",
    "record",
    "templates",
    "template",
    "words",
    "feeds",
    "join",
    "privacy",
    "joining",
    "account",
    "texts",
    "asked",
    "kept",
    "asked_over",
    "password",
    "second",
    "team",
    "leaving",
    "settings",
    "sending",
    "verify",
    "spent",
    "over",
    "nothing",
)


@pytest.fixture(scope="module")
def visitors(house: tuple[Server, dict[str, str]], chromium: Browser) -> Iterator[dict[str, Page]]:
    """A signed-in manager's page, and a signed-out one beside it. Windows are resized, not opened anew."""
    server, _ = house
    inside = chromium.new_context(base_url=server.url, reduced_motion="reduce").new_page()
    sign_in(inside, "alice@harborspa.example")
    made = {"in": inside, "out": chromium.new_context(base_url=server.url).new_page()}
    _answer(inside)
    yield made
    for page in made.values():
        page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_for_everybody(
    name: str, house: tuple[Server, dict[str, str]], visitors: dict[str, Page]
) -> None:
    server, addresses = house
    page = visitors["out" if name in SIGNED_OUT else "in"]
    answer = page.goto(server.url + addresses[name], wait_until="load")
    assert answer
    assert answer.status == (404 if name in GONE else 200), f"this is not the page {name}"
    look(page, name)


FILES = {
    "account.face", "asked.play", "asked.state", "feeds.feed", "health.show", "joining_desk.code", "media.give",
    "messages.moment", "messages.state", "operating.state", "phone.state", "security.static", "static",
    "twilio.receipt", "videos.play", "videos.state", "watch.face", "watch.nothing", "watch.poster", "watch.preview",
    "watch.video",
}  # fmt: skip
AT_THE_DOOR = {
    "security.mf_recovery", "security.mf_recovery_codes", "security.reset_password", "security.tf_select",
    "security.two_factor_rescue", "security.two_factor_token_validation", "setup.begin",
}  # fmt: skip
"""What test_every_door.py looks at, or what leads there."""


def test_no_page_is_left_out(house: tuple[Server, dict[str, str]]) -> None:
    server, addresses = house
    routes = server.app().url_map
    assert set(PAGES) == set(addresses)
    seen = {
        routes.bind("").match(urlsplit(path).path, "GET")[0] for name, path in addresses.items() if name not in GONE
    }
    pages = {rule.endpoint for rule in routes.iter_rules() if "GET" in (rule.methods or set())}
    assert pages - seen - FILES - AT_THE_DOOR == set()
