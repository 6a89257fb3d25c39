"""The clock and the workers look for work each second: what they ask is found by indexes of what waits or runs, however
much is done."""

from __future__ import annotations

from flask import Flask

from tests import cast
from tests.plans import no_table_is_read_whole
from vidmsg.database import writing
from vidmsg.jobs import QUEUES, Jobs


def test_looking_for_work_reads_no_table_whole(app: Flask) -> None:
    registry: Jobs = app.extensions["jobs"]
    with app.app_context():
        with writing() as session:
            cast.put_in(session)
        with no_table_is_read_whole() as asked:
            registry.sweep()
            assert not any(registry.run_one(queue) for queue in QUEUES)
    assert any("job_due_at" in text for text, _ in asked)
