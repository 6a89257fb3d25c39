"""A rep who is texted has a row of her own: made on her page, with her yes in the ledger, and nobody's customer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests import cast
from tests.unit.asking.conftest import BOB_PHONE, World, agree
from vidmsg.accounts.models import Organisation, User
from vidmsg.calendar import ideas
from vidmsg.database import reading, writing
from vidmsg.importing import knowing
from vidmsg.importing.contacts import Contact
from vidmsg.joining import entering
from vidmsg.joining.entering import Entry
from vidmsg.people import confirming, ourselves
from vidmsg.people.models import COLLEAGUE, GRANTED, REVOKED, Consent, Person

FORM = {"phone": "(206) 555-0177", "opens": "8", "closes": "18", "agreed": "y"}


@pytest.fixture
def bob(home: cast.Cast, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    return sign_in(home.bob)


def row(user_id: int) -> Person:
    with reading() as session:
        found = ourselves.row_of(session, user_id)
        assert found is not None
        return found


def last_said(number: str = BOB_PHONE) -> Consent:
    with reading() as session:
        found = session.scalars(sa.select(Consent).where(Consent.phone == number).order_by(Consent.id.desc())).first()
        assert found is not None
        return found


def test_turning_it_on_makes_her_row_and_notes_the_exact_words_of_the_page(home: cast.Cast, bob: FlaskClient) -> None:
    words = ourselves.words("Harbor Spa")
    assert words in bob.get("/account/texts").text
    assert bob.post("/account/texts", data=FORM).status_code == 302
    own, said = row(home.bob.id), last_said()
    assert (own.kind, own.phone, own.name, own.team_id) == (COLLEAGUE, BOB_PHONE, "Bob Baker", home.team.id)
    assert (said.action, said.words, said.purpose) == (GRANTED, words, ourselves.PURPOSE)
    assert said.recorded_by == home.bob.id
    with reading() as session:
        user = session.get_one(User, home.bob.id)
        assert (user.text_to_record, user.texts_from, user.texts_until) == (True, 8, 18)


def test_without_the_tick_or_a_number_nothing_is_kept(home: cast.Cast, bob: FlaskClient) -> None:
    for wrong, reason in (({"agreed": ""}, "Without your yes"), ({"phone": "12"}, "short"), ({"phone": ""}, "Write")):
        answer = bob.post("/account/texts", data={**FORM, **wrong})
        assert (answer.status_code, reason in answer.text) == (422, True), wrong
    with reading() as session:
        assert ourselves.row_of(session, home.bob.id) is None


def test_turning_it_off_is_in_the_ledger_and_on_again_too(home: cast.Cast, bob: FlaskClient) -> None:
    bob.post("/account/texts", data=FORM)
    bob.post("/account/texts/off")
    assert last_said().action == REVOKED
    bob.post("/account/texts", data=FORM)
    assert last_said().action == GRANTED


def test_after_a_stop_by_text_only_her_own_start_turns_it_on(world: World, bob: FlaskClient) -> None:
    world.answer("STOP")
    assert "Text START from it" in bob.get("/account/texts").text
    answer = bob.post("/account/texts", data=FORM)
    assert (answer.status_code, "Text START from it first" in answer.text) == (422, True)
    assert last_said().action == REVOKED


def test_two_colleagues_do_not_share_a_number(world: World, sign_in: Callable[[Any], FlaskClient]) -> None:
    answer = sign_in(world.people.charlie).post("/account/texts", data=FORM)
    assert (answer.status_code, "A colleague gets" in answer.text) == (422, True)


def test_a_new_number_and_a_new_name_come_into_her_row(world: World) -> None:
    world.change(User, world.people.bob.id, name="Robert Baker", time_zone="America/New_York")
    agree(world.people.bob.id, "+12065550178")
    own = row(world.people.bob.id)
    assert (own.first_name, own.phone, own.time_zone) == ("Robert", "+12065550178", "America/New_York")


def test_no_list_shows_her_and_only_she_may_see_the_row(
    world: World, bob: FlaskClient, sign_in: Callable[[Any], FlaskClient]
) -> None:
    own = row(world.people.bob.id)
    alice = sign_in(world.people.alice)
    for page in ("/people", "/people?q=Bob", "/people?q=5550177", "/calendar/new?q=Bob"):
        assert "Bob Baker" not in alice.get(page).text.split("<main")[1], page
    assert alice.get(f"/people/{own.id}").status_code == 404
    assert alice.get(f"/people/{own.id}/write").status_code == 404
    assert bob.get(f"/people/{own.id}").status_code == 200


def test_her_texts_are_on_nobodys_practice_phone_but_hers(
    world: World, bob: FlaskClient, sign_in: Callable[[Any], FlaskClient]
) -> None:
    world.run()
    assert bob.get(f"/phone/{BOB_PHONE[1:]}").status_code == 200
    assert sign_in(world.people.alice).get(f"/phone/{BOB_PHONE[1:]}").status_code == 404


def test_whoever_looks_at_a_text_to_her_does_not_see_its_key(
    world: World, bob: FlaskClient, sign_in: Callable[[Any], FlaskClient]
) -> None:
    world.run()
    page = sign_in(world.people.alice).get(f"/messages/{world.messages()[0].id}").text
    assert "Record 20 s: http://localhost/r/…" in page
    assert world.token() not in page


def test_she_is_nobody_to_say_hello_to_and_her_texts_are_not_on_their_way_to_customers(
    world: World, bob: FlaskClient
) -> None:
    world.run()
    with reading() as session:
        hellos = ideas.hellos(session, session.get_one(User, world.people.bob.id), 9)
    assert [hello.person.id for hello in hellos] == [world.people.maria.id]
    assert "/r/" not in bob.get("/").text


def test_a_list_with_her_number_does_not_change_her(world: World) -> None:
    with reading() as session:
        team = world.people.team
        contact = Contact(2, first_name="Bob", phones=[BOB_PHONE])
        around = knowing.around(session, team.organisation_id, team.id, [contact])
    assert [one.works_here for one in around.by_phone[BOB_PHONE]] == [True]


def test_a_customer_who_joins_with_her_number_is_a_person_of_her_own(world: World) -> None:
    with writing() as session:
        home = session.get_one(Organisation, world.people.organisation.id)
        entering.enter(session, home, Entry("Robin", "", BOB_PHONE), 200)
    assert row(world.people.bob.id).first_name == "Bob"
    with reading() as session:
        names = session.scalars(sa.select(Person.first_name).where(Person.phone == BOB_PHONE)).all()
        assert sorted(names) == ["Bob", "Robin"]


def test_a_number_is_asked_for_its_yes_before_anything_else_goes_there(world: World, bob: FlaskClient) -> None:
    other = "+12065550178"
    bob.post("/account/texts", data={**FORM, "phone": other, "opens": "9", "closes": "20"})
    world.run()
    assert [ourselves.question("Harbor Spa") == body for body in world.texts(other)] == [True]
    assert world.texts() == [], "the number that she had before is hers no more"
    page = bob.get("/account/texts").text
    assert "Waits for your YES" in page
    assert "(206) 555-0178" in page
    world.answer("yes", other)
    assert "Waits for your YES" not in bob.get("/account/texts").text
    world.run()
    assert [body.startswith("Maria: 5 years") for body in world.texts(other)] == [False, True]


def test_it_is_asked_once_however_often_she_keeps_the_page(world: World, bob: FlaskClient) -> None:
    for closes in ("18", "19", "20"):
        bob.post("/account/texts", data={**FORM, "phone": "+12065550178", "closes": closes})
        world.run()
    assert len(world.texts("+12065550178")) == 1


def test_a_yes_from_the_mistyped_number_does_not_open_the_right_one(world: World, bob: FlaskClient) -> None:
    wrong, right = "+12065550171", "+12065550172"
    for number in (wrong, right):
        bob.post("/account/texts", data={**FORM, "phone": number})
    world.answer("YES", wrong)
    world.run()
    assert ["Reply YES" in body for body in world.texts(right)] == [True]
    world.answer("YES", right)
    world.run()
    assert len(world.texts(right)) == 2


def test_she_comes_back_to_a_number_that_said_yes_without_being_asked_again(world: World, bob: FlaskClient) -> None:
    bob.post("/account/texts", data={**FORM, "phone": "+12065550171"})
    bob.post("/account/texts", data=FORM)
    assert "Waits for your YES" not in bob.get("/account/texts").text
    world.run()
    assert [("Reply YES" in body, "Maria" in body) for body in world.texts()] == [(False, True)]


def test_a_typing_error_that_hits_a_customer_holds_nothing_of_hers(world: World, bob: FlaskClient) -> None:
    maria = cast.MARIA_PHONE
    bob.post("/account/texts", data={**FORM, "phone": maria})
    with reading() as session:
        assert not confirming.waits(session, world.people.organisation.id, maria)
    world.run()
    assert ["Reply YES" in body for body in world.texts(maria)] == [True]


def test_nobody_else_may_be_texted_by_a_yes_that_only_a_tick_gave(world: World, bob: FlaskClient) -> None:
    bob.post("/account/texts", data={**FORM, "phone": "+12065550178"})
    with reading() as session:
        assert confirming.waits(session, world.people.organisation.id, "+12065550178")
