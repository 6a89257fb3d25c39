"""Rules about routes, read off the running application."""

from __future__ import annotations

import functools
import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from vidmsg import logs
from vidmsg.tokens import new_token
from vidmsg.web import policy


def test_every_route_declares_who_may_call_it(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert policy.of(app, rule.endpoint), rule


def test_a_route_without_a_policy_stops_the_start(app: Flask) -> None:
    app.view_functions["stray"] = lambda: "hello"
    app.url_map.add(app.url_rule_class("/stray", endpoint="stray"))
    with pytest.raises(policy.UndeclaredRoute, match="stray"):
        policy.check(app)


def test_every_changing_route_without_a_capability_wants_a_csrf_token(app: Flask) -> None:
    from vidmsg.web.csrf import protect

    exempt = set(protect._exempt_views)
    for rule in app.url_map.iter_rules():
        if not rule.methods or not rule.methods & {"POST", "PUT", "PATCH", "DELETE"}:
            continue
        view = app.view_functions[rule.endpoint]
        if f"{view.__module__}.{view.__name__}" in exempt:
            assert policy.of(app, rule.endpoint) in {policy.SIGNATURE, policy.CAPABILITY}, rule


@pytest.fixture
def log(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that is logged from now on, as it stands in an installation's log."""
    root, heard = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    logs.configure("INFO", "json")
    (ours,) = root.handlers
    assert isinstance(ours, logging.StreamHandler)
    ours.setStream(heard)
    monkeypatch.setattr(app.logger, "handlers", [])  # Flask's own, where an earlier test had no log
    yield heard
    root.handlers[:] = handlers
    root.setLevel(level)


def breaking(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view that fails, so that its address comes into the log."""

    @functools.wraps(view)
    def fails(**_: object) -> None:
        raise RuntimeError

    return fails


def secret_argument(rule: Rule) -> str:
    (found,) = rule.arguments & {"token", "capability"}
    return found


def test_no_address_that_is_its_own_permission_reaches_the_log(app: Flask, log: io.StringIO) -> None:
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    rules = [rule for rule in app.url_map.iter_rules() if policy.of(app, rule.endpoint) == policy.CAPABILITY]
    assert {rule.rule for rule in rules} > {"/v/<token>", "/feed/<token>.ics", "/uploads/<upload_id>/<capability>"}
    for rule in rules:
        app.view_functions[rule.endpoint] = breaking(app.view_functions[rule.endpoint])
        token, name = new_token(), secret_argument(rule)
        values = {argument: token if argument == name else "abc" for argument in rule.arguments}
        path = app.url_map.bind("localhost").build(rule.endpoint, values)
        method = min((rule.methods or set()) - {"HEAD", "OPTIONS"})
        log.seek(log.truncate(0))
        assert app.test_client().open(path, method=method).status_code == 500, path
        assert "Exception on" in log.getvalue(), path
        assert token not in log.getvalue(), path
