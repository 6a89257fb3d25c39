"""A second address in a text is found."""

from __future__ import annotations

from vidmsg.messages import slips


def test_a_second_link_is_found_so_that_the_rep_can_be_told() -> None:
    assert slips.other_link("See www.example.com today") == "www.example.com"
    assert slips.other_link("No link here.") is None
