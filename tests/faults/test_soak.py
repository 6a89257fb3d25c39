"""A short soak in every test run; the long one is `make soak`."""

from __future__ import annotations

import random

import pytest

from tests.faults import soak


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_many_texts_and_many_deaths_lose_and_double_none(kind: str) -> None:
    verdict = soak.run(messages=100, kills=7, seed=random.SystemRandom().randrange(10**6), kind=kind)
    assert (verdict.lost, verdict.doubled, verdict.unaccounted) == (0, 0, 0), str(verdict)
    assert verdict.unconfirmed <= 3, str(verdict)
    assert verdict.faults > 20, str(verdict)
