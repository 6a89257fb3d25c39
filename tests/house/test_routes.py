"""Rules about routes, read off the running application."""

from __future__ import annotations

import pytest
from flask import Flask

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
