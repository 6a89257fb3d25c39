"""Every sentence that scripts say about takes, handed to them as JSON on the page: short, kind, exact; what happened,
then what to do. A name in braces is filled in there. It may not know when which is said: static/js/recorder does."""

from __future__ import annotations

from flask_babel import gettext as _

Words = dict[str, str | dict[str, str]]


def on_any_page() -> Words:
    """What is said while takes go up, and of those that wait here, wherever she is."""
    return {
        "OFFLINE": _("You are offline. The take is safe here and goes on when you are back."),
        "OFFLINE_MEMORY": _(
            "You are offline, and this device cannot store the take. Keep this page open until you are back."
        ),
        "SIGN_IN": _("Sign in again, the take is safe here."),
        "SIGN_IN_MEMORY": _(
            "You are signed out. Sign in again in another tab and leave this one open, the take lives in it."
        ),
        "FILE_CHANGED": _("The file changed while we read it. Pick it again."),
        "FOR": _("for {name}"),
        "FROM_HERE": _("from this device"),
        "WAITS_ELSEWHERE": _("Your take {whose} from {hour} is kept. It waits for your choice."),
        "FILE_ELSEWHERE": _("{file} {whose} is not all up yet. Pick it again and it goes on."),
        "OFFLINE_ELSEWHERE": _("You are offline. The take {whose} is safe here and goes on when you are back."),
        "GOES_UP_ELSEWHERE": _("The take {whose} is still going up. It goes on by itself, you can keep working."),
    }


def at_the_camera() -> Words:
    """All that the recorder's own page says."""
    return {
        **on_any_page(), **_before(), **_while_recording(), **_in_the_review(), **_of_the_picture(),
        "TROUBLE": _trouble(), "ENDED": _ended(),
    }  # fmt: skip


def _trouble() -> dict[str, str]:
    """Why there is no picture, by the name that camera.js gives to it."""
    return {
        "insecure": _(
            "The browser keeps the camera shut on a page without https. Open the https address, or pick a file."
        ),
        "no-recorder": _("This browser cannot record. Open the page in another one, or pick a file."),
        "no-camera": _("We find no camera here. Plug one in and try again, or pick a file."),
        "no-microphone": _("We find no microphone here. Plug one in and try again, or pick a file."),
        "refused": _(
            "The camera is switched off for this page. Allow camera and microphone beside the address, then try "
            "again. Or pick a file."
        ),
        "busy": _("The camera is busy in another window. Close it there, then try again. Or pick a file."),
        "gone": _("That camera or microphone is no longer there. Try again with another one, or pick a file."),
        "other": _("The camera did not start. Try again, or pick a file."),
    }


def _ended() -> dict[str, str]:
    """Why a take ended without her pressing Stop; a plain stop says nothing."""
    return {
        "stopped": "",
        "full": _("Three minutes are full, so we stopped. The take is kept."),
        "hidden": _("The page went out of sight, so we stopped. The take so far is kept."),
        "turned": _("The phone was turned, so we stopped. The take so far is kept."),
        "unplugged": _("The camera or the microphone went away, so we stopped. The take so far is kept."),
        "closed": _("The page was closed while it recorded. The take up to then is kept."),
        "broken": _("The browser stopped recording. The take so far is kept."),
    }


def _before() -> Words:
    return {
        "ASKING": _("The browser asks for camera and microphone. Say yes to both."),
        "READY": _("It saves while you speak."),
        "COUNTDOWN": _("Starting in three. Look at the words, they sit under the lens."),
        "FILE_EMPTY": _("This file is empty. Pick another one."),
        "TOO_SHORT": _("Nothing was recorded yet. Try once more."),
        "LET_GO": _("The take is let go."),
        "TAKES_WAIT": _("{count} takes are kept, the last from {hour}."),
        "HALF_A_FILE_WAITS": _("{file} is not all up yet. Pick it again and it goes on."),
        "FILE_WAITS": _("{file} from {hour} is kept."),
        "TAKE_WAITS": _("Your take from {hour} is kept, {length}."),
    }


def _while_recording() -> Words:
    return {
        "MEMORY": _(
            "This device has no room to store the take, so it goes straight up. Keep this page open until all is saved."
        ),
        "SILENT_NOW": _("We hear almost nothing so far. Is the microphone covered?"),
        "PAUSED": _("Paused. Go on when you like, it is one take."),
        "PAUSE": _("Pause"),
        "GO_ON": _("Go on"),
        "RING_CLOSES": _("The ring closes at {seconds} seconds. No need to fill it."),
        "RING_CLOSED": _("That was {seconds} seconds. Take the time you need, up to 3 minutes."),
        "ALMOST_FULL": _("{seconds} seconds left, then it stops by itself."),
        "RECORDING": _("Recording · saved up to {time}"),
        "PAUSED_AT": _("Paused · saved up to {time}"),
        "STOPS_IN": _("Recording · stops in {time}"),
    }


def _in_the_review() -> Words:
    return {
        "SILENT": _("We hear almost nothing. Is the microphone covered?"),
        "GAP": _("A moment of this take is missing, the browser could not read it. Look at it before you keep it."),
        "STUCK": _("The take did not go up. It is safe here; load the page again to try once more."),
        "STUCK_MEMORY": _("The take did not go up. Leave this page open and try another network."),
        "UNPLAYABLE": _("This browser cannot show the file. You can keep it all the same."),
        "NOT_TAKEN": _("Not taken"),
        "STAYS": _("This take stays until you choose."),
        "LETS_ANOTHER_GO": _("Keeping this one lets the other go."),
        "LETS_OTHERS_GO": _("Keeping this one lets the other {count} go."),
        "KEEPING_WAITS": _("We keep it. Stay here until all is saved, then we go on."),
        "KEEPING": _("We keep it, one moment."),
        "PLAY": _("Play · {time}"),
        "TAKE": _("Take {number} · {time}"),
        "ALL_OF_FILE": _("All of it is saved"),
        "PART_OF_FILE": _("{percent} % is saved"),
        "ALL_OF_TAKE": _("All {length} is saved"),
        "PART_OF_TAKE": _("Saved up to {time} of {length}"),
    }


def _of_the_picture() -> Words:
    return {
        "DARK": _("A little dark, turn to a window"),
        "BRIGHT": _("Very bright, turn from the window"),
        "LOVELY": _("Lovely light"),
        "NO_SOUND": _("Say something"),
        "QUIET": _("Very quiet"),
        "LOUD": _("Very loud"),
        "GOOD_SOUND": _("Good sound"),
    }
