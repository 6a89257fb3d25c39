"""What a text that came back means: stop, start, help, words for a person, or words that somebody must look at before
anything else is sent. Twilio's own verdict comes first, where the account gives one. Pure functions; they change
nothing."""

from __future__ import annotations

import unicodedata

from vidmsg.messages import sentences

STOP, START, HELP, TEXT, UNCLEAR = "stop", "start", "help", "text", "unsure"
REPLIES = (TEXT, UNCLEAR)  # what a person reads and answers

# Twilio's and the carriers' words, 47 CFR 64.1200(a)(10) among them.
STOP_WORDS = ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE")
# Twilio also starts again on YES. We don't: a "yes" may answer any question, so it is no consent.
START_WORDS = ("START", "UNSTOP")
HELP_WORDS = ("HELP", "INFO")


def kind(body: str, opt_out_type: str = "") -> str:
    """STOP, START, HELP, UNCLEAR or TEXT. `opt_out_type` is Twilio's OptOutType, present with Advanced Opt-Out only."""
    word = _word(body)
    said = opt_out_type.strip().upper()
    if said == "STOP" or word in STOP_WORDS or sentences.asks_to_stop(body):
        return STOP
    if word in START_WORDS:
        return START
    if said == "HELP" or word in HELP_WORDS:
        return HELP
    return UNCLEAR if sentences.is_unclear(body) else TEXT


def _word(body: str) -> str:
    """The letters alone, in capitals: "Stop!", " opt-out " and full-width letters are the words that they look like."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", body) if letter.isalpha()).upper()
