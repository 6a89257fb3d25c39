"""The simulated Twilio as a process of its own, with its own rows: `python -m vidmsg.sms.simulator_server --database
FILE --port P`. For tests and benches that kill the application while the network lives on, and then ask its rows what
really went out. Webhooks go by real HTTP; faults on demand are in simulator_faults. Not part of an installation."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click
import requests
import sqlalchemy as sa
import waitress
from werkzeug import Request, Response

from vidmsg import clock, jobs, logs
from vidmsg.database import make_engine
from vidmsg.sms.models import SimulatedCall, SimulatedMessage
from vidmsg.sms.simulator import Simulator
from vidmsg.sms.simulator_faults import CALLBACK, DOUBLED, LOST, REORDERED, Faults, Plan
from vidmsg.sms.simulator_store import OUTBOUND, Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logs.get(__name__)

LOOK_EVERY = 0.1  # seconds
WEBHOOK_TIMEOUTS = (5, 15)  # seconds to connect, to answer: Twilio's own
RETRY_AFTER = dt.timedelta(seconds=1)
TRIES = 2
_line = requests.Session()  # one thread makes all webhooks


class Server:
    """Answers Twilio's API, and for a test: `POST /reply` plays the customer, `POST /faults` orders what goes wrong
    from now on (a Plan as JSON), `GET /log` is the judge's: every text that was ever accepted, and how many callbacks
    are still owed. Unless told, it takes the credentials of its first caller for its account's, so that a test need
    not know them."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator, self.faults = simulator, Faults()
        self._put_off: set[int] = set()
        simulator.rules.append(self.faults.rule)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        ours = {("POST", "/reply"): self._reply, ("POST", "/faults"): self._order, ("GET", "/log"): self._log}
        answer = ours.get((request.method, request.path))
        if answer:
            return answer(request)(environ, start_response)
        if not self.simulator.account_sid and request.authorization:
            self.simulator.account_sid = request.authorization.username or ""
            self.simulator.auth_token = request.authorization.password or ""
        return self.simulator.wsgi(environ, start_response)

    def _reply(self, request: Request) -> Response:
        form = request.form
        made = self.simulator.reply(form["From"], form["Body"], form["Url"])
        return _json({"sid": made.sid}, 201)

    def _order(self, request: Request) -> Response:
        try:
            plan = Plan.of(json.loads(request.get_data()))
        except (ValueError, TypeError, KeyError) as error:
            return _json({"message": str(error)}, 400)
        self.faults.order(plan)
        return _json({"met": self.faults.met}, 200)

    def _log(self, request: Request) -> Response:
        query = sa.select(SimulatedMessage).where(SimulatedMessage.direction == OUTBOUND).order_by(SimulatedMessage.id)
        if request.args.get("to"):
            query = query.where(SimulatedMessage.customer == request.args["to"])
        with self.simulator.store.reading() as session:
            texts = [
                {"sid": one.sid, "to": one.customer, "body": one.body, "at": one.created_at.isoformat()}
                for one in session.scalars(query)
            ]
            owed = session.query(SimulatedCall).filter_by(job_state=jobs.DUE).count()
        return _json({"texts": texts, "met": self.faults.met, "owed": owed}, 200)

    def deliver_due(self) -> None:
        """Make every webhook that is due, oldest first. Waits for credentials: nothing can be signed without."""
        if not self.simulator.account_sid:
            return
        due = (
            sa.select(SimulatedCall)
            .where(
                SimulatedCall.job_state == jobs.DUE,
                SimulatedCall.job_due_at <= clock.now(),
            )
            .order_by(SimulatedCall.job_due_at, SimulatedCall.id)
        )
        with self.simulator.store.reading() as session:
            calls = list(session.scalars(due))
        for call in calls:
            fault = self.faults.draw(CALLBACK, call.form.get("To", "")) if call.id not in self._put_off else None
            if fault == REORDERED:
                self._later(call)
            else:
                self._settle(call, self._delivered(call, fault))

    def _later(self, call: SimulatedCall) -> None:
        """After the one that should follow it."""
        self._put_off.add(call.id)
        self._write(call, job_due_at=clock.now() + 3 * self.simulator.pace)

    def _delivered(self, call: SimulatedCall, fault: str | None) -> bool:
        try:
            self.simulator.deliver(call, _unheard if fault == LOST else _post)
            if fault == DOUBLED:
                self.simulator.deliver(call, _post)
        except requests.RequestException as error:
            log.warning("webhook failed", id=call.id, error=type(error).__name__)
            return False
        return True

    def _settle(self, call: SimulatedCall, delivered: bool) -> None:
        again = not delivered and call.job_tries + 1 < TRIES
        state = jobs.DUE if again else jobs.DONE if delivered else jobs.FAILED
        self._write(call, job_state=state, job_due_at=clock.now() + RETRY_AFTER, job_tries=call.job_tries + 1)

    def _write(self, call: SimulatedCall, **values: Any) -> None:
        with self.simulator.store.writing() as session:
            session.execute(sa.update(SimulatedCall).where(SimulatedCall.id == call.id).values(**values))


def _json(content: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(content), status, content_type="application/json")


def _post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> int:
    return _line.post(url, data=form, headers=headers, timeout=WEBHOOK_TIMEOUTS).status_code


def _unheard(_url: str, _form: Mapping[str, str], _headers: Mapping[str, str]) -> int:
    return 204


def _deliver_for_ever(server: Server) -> None:
    while True:
        try:
            server.faults.accept_late()
            server.deliver_due()
        except sa.exc.SQLAlchemyError:
            log.exception("webhooks wait")
        threading.Event().wait(LOOK_EVERY)


@click.command()
@click.option("--database", required=True, help="The SQLite file that keeps the rows; made if absent.")
@click.option("--port", required=True, type=int, help="Port on the loopback interface.")
@click.option("--account", default="", help="The account's SID. Empty: that of the first caller.")
@click.option("--token", default="", help="The account's auth token.")
@click.option("--pace", default=0.2, help="Seconds from one status to the next.")
def main(database: str, port: int, account: str, token: str, pace: float) -> None:
    """Run the simulated Twilio until it is ended."""
    logs.configure("INFO", "json")
    store = Store.on(make_engine(f"sqlite:///{database}"))
    server = Server(Simulator(store, account, token, pace=dt.timedelta(seconds=pace)))
    threading.Thread(target=_deliver_for_ever, args=(server,), daemon=True).start()
    waitress.serve(server, host="127.0.0.1", port=port, threads=16, _quiet=True)


if __name__ == "__main__":
    main()
