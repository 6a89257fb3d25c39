from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vidmsg.watching import intervals

parts = st.lists(st.tuples(st.floats(-50, 500), st.floats(-50, 500)), max_size=30)


def test_parts_that_touch_become_one() -> None:
    assert intervals.merge([(4, 6), (0, 2), (2.1, 4)], 10) == [[0, 6]]


def test_a_part_that_was_jumped_over_stays_unseen() -> None:
    seen = intervals.merge([(0, 2), (8, 10)], 10)
    assert intervals.share(seen, 10) == 40


def test_watching_a_part_twice_counts_once() -> None:
    assert intervals.share(intervals.merge([(0, 5), (0, 5), (1, 3)], 10), 10) == 50


def test_nothing_counts_beyond_the_video() -> None:
    assert intervals.merge([(-5, 3), (9, 99), (50, 60)], 10) == [[0, 3], [9, 10]]


def test_a_video_without_a_length_has_no_share() -> None:
    assert intervals.share([[0, 5]], 0) == 0


@given(parts, st.floats(0.1, 300))
def test_whatever_comes_in_the_share_is_a_percentage_and_parts_are_apart(
    given_parts: list[tuple[float, float]], length: float
) -> None:
    merged = intervals.merge(given_parts, length)
    assert 0 <= intervals.share(merged, length) <= 100
    assert all(begin <= end for begin, end in merged)
    assert all(before[1] < after[0] for before, after in pairwise(merged))
    assert intervals.merge(merged, length) == merged
