"""The row is the job, Huey only wakes a worker: lost or doubled wake-ups are harmless, and a killed worker's row is
taken up by another once its lease is over. A job's row carries the columns of `JobColumns`; features register one
handler a table. This module owns claiming, leases, retries and handing back; it may not know what a job does.

1. A feature inserts a row with job_state "due" and calls `wake(queue)`.
2. Any worker thread of that queue claims the oldest due row by compare-and-set, with a lease and its own name.
3. While the handler runs, a heartbeat renews the lease; each write is fenced by the owner's name.
4. Done, failed for good, or due again later with a growing pause; at shutdown handed back at once.
5. The clock calls `sweep` each second: dead leases become due, due rows wake their queue."""

from __future__ import annotations

from vidmsg.jobs.engine import Drain, Jobs, jobs
from vidmsg.jobs.rows import DONE, DUE, FAILED, IDLE, QUEUES, RUNNING, JobColumns, due_now, in_line, job_index
from vidmsg.jobs.running import GiveUp, HandBack, Held, Kind

__all__ = [
    "DONE",
    "DUE",
    "FAILED",
    "IDLE",
    "QUEUES",
    "RUNNING",
    "Drain",
    "GiveUp",
    "HandBack",
    "Held",
    "JobColumns",
    "Jobs",
    "Kind",
    "due_now",
    "in_line",
    "job_index",
    "jobs",
]
