"""A text that the simulated Twilio accepts late is in its list from that moment on, whoever looks."""

from __future__ import annotations

import threading

from werkzeug import Request, Response
from werkzeug.test import EnvironBuilder

from vidmsg.sms.simulator_faults import Faults, Plan

ADDRESS = "/2010-04-01/Accounts/AC1/Messages.json"


def asked(method: str) -> Request:
    return Request(
        EnvironBuilder(path=ADDRESS, method=method, data={"To": "+1"} if method == "POST" else None).get_environ()
    )


def test_a_list_waits_for_a_late_text_that_is_just_being_accepted() -> None:
    faults, accepted, listed = Faults(), list[str](), list[str]()
    begun, go_on = threading.Event(), threading.Event()

    def accept() -> Response:
        begun.set()
        go_on.wait(10)
        accepted.append("the text")
        return Response(status=201)

    def look() -> None:
        faults.rule(asked("GET"), lambda: listed.extend(accepted) or Response("{}"))

    faults.order(Plan(next=({"on": "send", "fault": "late"},), late_s=0))
    assert faults.rule(asked("POST"), accept).status_code == 504
    accepting, looking = threading.Thread(target=faults.accept_late), threading.Thread(target=look)
    accepting.start()
    assert begun.wait(10)
    looking.start()
    looking.join(0.2)  # as far as it comes by itself
    go_on.set()
    accepting.join(10)
    looking.join(10)
    assert listed == ["the text"]
