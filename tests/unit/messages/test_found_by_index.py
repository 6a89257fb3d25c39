"""A text that comes back, and one that is about to leave, are placed by indexes: with a million texts in the house a
STOP holds in the moment it arrives."""

from __future__ import annotations

from tests import cast
from tests.plans import no_table_is_read_whole
from tests.postgres import both_databases
from tests.unit.messages.conftest import Written
from vidmsg import tokens
from vidmsg.accounts.models import Organisation
from vidmsg.database import reading, writing
from vidmsg.joining import entering
from vidmsg.messages import caps, compose, inbound
from vidmsg.messages.inbound import Received
from vidmsg.messages.models import Message
from vidmsg.people import confirming
from vidmsg.people.models import Person

pytestmark = both_databases


def come_back(words: str, number: str = cast.MARIA_PHONE) -> None:
    with writing() as session:
        inbound.receive(session, Received(f"SM{tokens.new_token()}", number, "+12065550199", words))


def test_a_stop_holds_without_reading_a_table_whole(home: cast.Cast, written: Written) -> None:
    written.make()
    with no_table_is_read_whole() as asked:
        come_back("STOP")
    assert any("message.phone" in text for text, _ in asked)
    assert any("person.phone" in text for text, _ in asked)


def test_start_yes_and_other_words_are_placed_by_indexes_too(home: cast.Cast, written: Written) -> None:
    written.make()
    come_back("STOP")
    with no_table_is_read_whole() as asked:
        for words in ("START", "YES", "Thank you!"):
            come_back(words)
        come_back("Who is this?", "+12065550111")
    assert any("join_request.phone" in text for text, _ in asked)


def test_whether_it_is_the_first_text_and_one_too_many_is_told_by_indexes(home: cast.Cast, written: Written) -> None:
    message = written.make()
    with no_table_is_read_whole() as asked, reading() as session:
        maria = session.get_one(Person, home.maria.id)
        assert compose.is_first(session, maria)
        here = session.get_one(Organisation, home.organisation.id)
        assert caps.person(session, here, session.get_one(Message, message.id)) is None
        assert not confirming.waits(session, here.id, cast.MARIA_PHONE)
        confirming.asked_lately(session, here.id, cast.MARIA_PHONE, entering.came_to_nothing())
    assert any("attempt.phone" in text for text, _ in asked)
