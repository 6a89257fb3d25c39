"""The ancestor of errors whose text is already a sentence for a person. Knows nothing else."""

from __future__ import annotations


class Sentence(Exception):
    """An error that is told to the person as it stands, without a traceback."""
