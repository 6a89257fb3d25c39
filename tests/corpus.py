"""The phone videos of ../shared/corpus, prepared once a test run for all who look at the result."""

from __future__ import annotations

from functools import partial

from tests.conftest import CORPUS
from tests.sharing import Shared
from vidmsg.media.prepare import Prepared, prepare


def prepared(shared: Shared, file: str) -> Prepared:
    """The rendition of this file, as one that was picked."""
    return shared.once(f"corpus {file}", partial(prepare, CORPUS / "videos" / file, picked=True))
