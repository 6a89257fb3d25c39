"""The practice phone lives in the application's database, whichever that is."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from tests.postgres import both_databases
from vidmsg import clock, jobs
from vidmsg.database import writing
from vidmsg.sms import current_gateway, current_simulator
from vidmsg.sms.gateway import RefusedFinal
from vidmsg.sms.models import SimulatedCall

MARIA = "+12025550123"


@both_databases
def test_a_text_goes_out_and_a_stop_comes_back(app: Flask) -> None:
    with app.app_context():
        simulator = current_simulator()
        assert simulator is not None
        sid = current_gateway().send(MARIA, "Hello 🎂", "", 60).sid
        simulator.reply(MARIA, "STOP", "")
        with pytest.raises(RefusedFinal):
            current_gateway().send(MARIA, "Hello", "", 60)
        simulator.reply(MARIA, "START", "")
        assert [one.latest.direction for one in simulator.threads()] == ["outbound-reply"]
        _work()
        assert current_gateway().fetch(sid).status == "delivered"


@both_databases
def test_two_workers_at_once_send_every_text_once(app: Flask) -> None:
    def send(number: int) -> None:
        with app.app_context():
            start.wait()
            sids[number] = [current_gateway().send(MARIA, f"{number}-{one}", "", 60).sid for one in range(5)]

    start, sids = threading.Barrier(2), dict[int, list[str]]()
    threads = [threading.Thread(target=send, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        simulator = current_simulator()
        assert simulator is not None
        assert {one.sid for one in simulator.thread(MARIA)} == {*sids[0], *sids[1]}
        assert len(simulator.thread(MARIA)) == 10


def _work() -> None:
    with writing() as session:
        for call in session.query(SimulatedCall):
            call.job_due_at = clock.now()
    while jobs.jobs().run_one("sms"):
        pass
