"""The row is the job: claimed once, taken up when its worker is gone, handed back when the worker stops."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import cast
from tests.postgres import both_databases
from vidmsg import clock, jobs
from vidmsg.database import reading, writing
from vidmsg.jobs import Held, Jobs, Kind, running
from vidmsg.videos.models import Video

pytestmark = both_databases


@pytest.fixture
def registry(app: Flask) -> Iterator[Jobs]:
    """An engine whose only kind of job is the one that the test registers."""
    made: Jobs = app.extensions["jobs"]
    made.kinds = {name: [] for name in jobs.QUEUES}
    with app.app_context():
        yield made


def due_video(**values: Any) -> str:
    with writing() as session:
        people = cast.put_in(session) if session.execute(sa.select(Video.id).limit(1)).first() is None else None
        owner = people.bob if people else None
        first = session.execute(sa.select(Video).limit(1)).scalar_one_or_none()
        video = Video(
            organisation_id=owner.organisation_id if owner else first.organisation_id,
            team_id=owner.team_id if owner else first.team_id,
            owner_id=owner.id if owner else first.owner_id,
            created_at=clock.now(),
            **{**jobs.due_now(), **values},
        )
        session.add(video)
        session.flush()
        return video.id


def row(video_id: str) -> Video:
    with reading() as session:
        return session.execute(sa.select(Video).where(Video.id == video_id)).scalar_one()


def test_a_due_row_is_run_and_done(registry: Jobs) -> None:
    ran: list[str] = []
    registry.register(Kind("prepare", Video, lambda held: ran.append(held.id)))
    video = due_video()
    assert registry.run_one("prepare")
    assert not registry.run_one("prepare")
    assert ran == [video]
    assert row(video).job_state == jobs.DONE


def test_two_workers_never_claim_one_row(app: Flask, registry: Jobs) -> None:
    ran: list[str] = []
    registry.register(Kind("prepare", Video, lambda held: ran.append(held.id)))
    videos = {due_video() for _ in range(12)}

    def drain() -> None:
        with app.app_context():
            while registry.run_one("prepare"):
                pass

    threads = [threading.Thread(target=drain) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ran) == sorted(videos)


def test_a_row_that_is_due_later_waits(registry: Jobs) -> None:
    registry.register(Kind("prepare", Video, lambda held: None))
    due_video(job_due_at=clock.now() + dt.timedelta(minutes=5))
    assert not registry.run_one("prepare")


def test_a_failure_is_tried_again_later_with_a_growing_pause(registry: Jobs) -> None:
    def fail(_held: Held) -> None:
        raise RuntimeError("the disk was busy")

    registry.register(Kind("prepare", Video, fail))
    video, pauses = due_video(), []
    for _ in range(3):
        with writing() as session:
            session.execute(sa.update(Video).values(job_due_at=clock.now()))
        registry.run_one("prepare")
        found = row(video)
        assert found.job_state == jobs.DUE
        assert found.job_due_at is not None
        pauses.append(found.job_due_at - clock.now())
    assert pauses == sorted(pauses)
    assert pauses[-1] > 3 * pauses[0]
    assert "the disk was busy" in str(row(video).job_error)


def test_after_the_last_try_it_fails_and_says_so(registry: Jobs) -> None:
    told: list[str] = []

    def fail(_held: Held) -> None:
        raise RuntimeError("broken")

    registry.register(Kind("prepare", Video, fail, max_tries=1, on_failed=told.append))
    video = due_video()
    registry.run_one("prepare")
    assert row(video).job_state == jobs.FAILED
    assert told == [video]


def test_an_outage_however_long_never_makes_a_row_fail(registry: Jobs) -> None:
    def meet_it(_held: Held) -> None:
        raise ConnectionError("the storage is away")

    kind = Kind("prepare", Video, meet_it, max_tries=2, outage=lambda error: isinstance(error, ConnectionError))
    registry.register(kind)
    video = due_video()
    for _ in range(5):
        with writing() as session:
            session.execute(sa.update(Video).values(job_due_at=clock.now()))
        assert registry.run_one("prepare")
        found = row(video)
        assert (found.job_state, found.job_tries) == (jobs.DUE, 0)
        assert found.job_due_at is not None
        assert clock.now() < found.job_due_at <= clock.now() + dt.timedelta(seconds=60)


def test_a_row_is_put_off_as_soon_as_the_database_is_back(registry: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    away, put = iter([True, True, False]), Held.put

    def put_when_back(held: Held, **values: Any) -> bool:
        if values.get("job_state") == jobs.DUE and next(away):
            raise ConnectionError("the database is away")
        return put(held, **values)

    def meet_it(_held: Held) -> None:
        raise ConnectionError("the database is away")

    monkeypatch.setattr(Held, "put", put_when_back)
    monkeypatch.setattr(running, "ASK_AGAIN_S", 0.0)
    registry.register(Kind("prepare", Video, meet_it, outage=lambda error: isinstance(error, ConnectionError)))
    video = due_video()
    registry.run_one("prepare")
    assert (row(video).job_state, row(video).job_tries) == (jobs.DUE, 0)


def test_what_cannot_succeed_is_not_tried_again(registry: Jobs) -> None:
    def give_up(_held: Held) -> None:
        raise jobs.GiveUp("there is nothing to read")

    registry.register(Kind("prepare", Video, give_up))
    video = due_video()
    registry.run_one("prepare")
    assert (row(video).job_state, row(video).job_error) == (jobs.FAILED, "there is nothing to read")


def test_a_handed_back_row_is_due_at_once_and_the_start_is_not_counted(registry: Jobs) -> None:
    def stop(_held: Held) -> None:
        raise jobs.HandBack

    registry.register(Kind("prepare", Video, stop))
    video = due_video()
    registry.run_one("prepare")
    found = row(video)
    assert (found.job_state, found.job_tries) == (jobs.DUE, 0)
    assert found.job_due_at is not None
    assert found.job_due_at <= clock.now()


def test_the_row_of_a_dead_worker_is_taken_up_when_its_lease_is_over(registry: Jobs) -> None:
    ran: list[str] = []
    registry.register(Kind("prepare", Video, lambda held: ran.append(held.id)))
    video = due_video(job_state=jobs.RUNNING, job_owner="gone", job_lease_until=clock.now() - dt.timedelta(seconds=1))
    alive = due_video(job_state=jobs.RUNNING, job_owner="alive", job_lease_until=clock.now() + dt.timedelta(seconds=30))
    registry.sweep()
    while registry.run_one("prepare"):
        pass
    assert ran == [video]
    assert row(alive).job_owner == "alive"


def test_a_row_whose_worker_dies_each_time_fails_in_the_end(registry: Jobs) -> None:
    told: list[str] = []
    registry.register(Kind("prepare", Video, lambda held: None, max_tries=3, on_failed=told.append))
    video = due_video(
        job_state=jobs.RUNNING, job_owner="gone", job_tries=3, job_lease_until=clock.now() - dt.timedelta(seconds=1)
    )
    registry.sweep()
    assert row(video).job_state == jobs.FAILED
    assert told == [video]


def test_a_worker_that_lost_its_lease_can_no_longer_write(registry: Jobs) -> None:
    seen: list[tuple[bool, bool]] = []

    def slow(held: Held) -> None:
        with writing() as session:
            session.execute(sa.update(Video).values(job_owner="another"))
        seen.append((held.put(problem="mine"), held.should_stop))

    registry.register(Kind("prepare", Video, slow))
    video = due_video()
    registry.run_one("prepare")
    assert seen == [(False, True)]
    assert row(video).problem is None
    assert row(video).job_owner == "another"


def test_another_thread_is_called_once_however_often_one_asks(registry: Jobs) -> None:
    for _ in range(3):
        registry.call_another("sms")
    assert registry.queues["sms"].pending_count() == 1
