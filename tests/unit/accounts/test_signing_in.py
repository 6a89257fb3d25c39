"""The door: in, out, too often, elsewhere, and the second step."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_security.totp import Totp

from tests.cast import PASSWORD, Cast
from vidmsg.accounts.models import User
from vidmsg.database import db, reading

BOB = {"email": "bob@harborspa.example", "password": PASSWORD}
WRONG = BOB | {"password": "not this one either"}


def opens(client: FlaskClient) -> bool:
    """Whether somebody is signed in here."""
    return client.get("/account").status_code == 200


def test_the_right_password_opens_the_door(client: FlaskClient, cast: Cast) -> None:
    answer = client.post("/login", data=BOB)
    assert (answer.status_code, answer.location) == (302, "/")
    assert opens(client)


def test_the_address_may_be_written_in_capitals(client: FlaskClient, cast: Cast) -> None:
    client.post("/login", data=BOB | {"email": "BOB@HarborSpa.example"})
    assert opens(client)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: FlaskClient, cast: Cast) -> None:
    sentence = "fit this email. Try once more"
    assert sentence in client.post("/login", data=WRONG).text
    assert sentence in client.post("/login", data=WRONG | {"email": "nobody@harborspa.example"}).text


def test_a_page_behind_the_door_comes_back_after_signing_in(client: FlaskClient, cast: Cast) -> None:
    door = client.get("/people").location
    assert door == "/login?next=/people"
    assert client.post(door, data=BOB).location == "/people"


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_an_address_that_leads_elsewhere_is_passed_over(client: FlaskClient, cast: Cast, elsewhere: str) -> None:
    answer = client.post("/login", query_string={"next": elsewhere}, data=BOB)
    assert answer.status_code == 302
    assert answer.location in {"/", "/%5Cevil.example"}  # a backslash that is spelled out stays a page of ours


def test_a_script_is_told_in_json_that_nobody_is_signed_in(client: FlaskClient, cast: Cast) -> None:
    answer = client.get("/people", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json == {"error": "signed_out", "message": "Sign in, then this page opens."}


def test_signing_out_ends_the_session(bob: FlaskClient) -> None:
    assert opens(bob)
    bob.post("/logout")
    assert not opens(bob)


def test_the_eleventh_failure_is_stopped_for_this_address_only(app: Flask, cast: Cast, limits: None) -> None:
    here, elsewhere = app.test_client(), app.test_client()
    answers = [here.post("/login", data=WRONG).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
    assert here.post("/login", data=BOB).status_code == 429
    assert elsewhere.post("/login", data=BOB, environ_base={"REMOTE_ADDR": "198.51.100.7"}).status_code == 302


def test_failures_count_for_one_account_however_it_is_written(app: Flask, cast: Cast, limits: None) -> None:
    here = app.test_client()
    for number in range(10):
        email = BOB["email"].upper() if number % 2 else f" {BOB['email']}"
        here.post("/login", data=WRONG | {"email": email})
    assert here.post("/login", data=WRONG).status_code == 429
    assert here.post("/login", data=WRONG | {"email": "alice@harborspa.example"}).status_code == 200


def test_signing_in_often_is_no_failure(app: Flask, cast: Cast, limits: None) -> None:
    answers = [app.test_client().post("/login", data=BOB).status_code for _ in range(12)]
    assert answers == [302] * 12


def test_a_changed_password_ends_every_other_session(
    bob: FlaskClient, sign_in: Callable[[Any], FlaskClient], cast: Cast
) -> None:
    other = sign_in(cast.bob)
    new = "seven quiet herons"
    answer = bob.post("/change", data={"password": PASSWORD, "new_password": new, "new_password_confirm": new})
    assert answer.status_code == 302
    assert opens(bob)
    assert not opens(other)


def test_a_new_password_obeys_the_rules(bob: FlaskClient) -> None:
    for new, reason in (("bobbaker2026", "your own name"), ("Password2024", "Many people use this one")):
        answer = bob.post("/change", data={"password": PASSWORD, "new_password": new, "new_password_confirm": new})
        assert reason in answer.text


def test_the_way_to_a_new_password_is_the_manager(client: FlaskClient, cast: Cast) -> None:
    assert "Ask your manager for a link" in client.get("/reset").text


def test_a_forged_form_is_refused(app: Flask, bob: FlaskClient, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert bob.post("/account", data={"name": "Mallory"}).status_code == 400
    assert bob.post("/logout").status_code == 400
    assert client.post("/login", data=BOB).status_code == 400
    assert opens(bob)


class Phone:
    """Somebody's authenticator app; `later` moves its clock by whole codes of 30 seconds."""

    def __init__(self, app: Flask, user_id: int) -> None:
        self.app, self.user_id = app, user_id

    def code(self, later: int = 0) -> str:
        with self.app.app_context(), reading() as session:
            user = session.get_one(User, self.user_id)
            totp: Totp = self.app.extensions["security"].totp_factory
            source = totp._totp.from_source(user.tf_totp_secret)
            counter = (user.tf_last_counter or 0) + later
            token: str = source.generate(counter * 30).token
            return token


@pytest.fixture
def second_step(app: Flask, bob: FlaskClient, cast: Cast) -> Phone:
    """Bob has connected an app to his account."""
    bob.post("/logout")
    bob.post("/login", data=BOB)  # such a change asks for a password that was given just now
    page = bob.post("/tf-setup", data={"setup": "authenticator"}).text
    assert 'src="data:image/svg+xml;base64,' in page
    key = re.search(r'class="key">([^<]+)<', page)
    action = re.search(r'action="(/tf-setup/[^"]+)"', page)
    assert key
    assert action
    totp: Totp = app.extensions["security"].totp_factory
    with app.app_context():
        code = totp._totp(key=key[1].replace("-", "")).generate().token
    assert bob.post(action[1], data={"code": code}).status_code == 302
    return Phone(app, cast.bob.id)


def test_with_a_second_step_the_password_alone_opens_nothing(client: FlaskClient, second_step: Phone) -> None:
    client.post("/login", data=BOB)
    assert not opens(client)
    client.post("/tf-validate", data={"code": "000000"})
    assert not opens(client)
    client.post("/tf-validate", data={"code": second_step.code(later=1)})
    assert opens(client)


def test_a_code_opens_once(app: Flask, second_step: Phone) -> None:
    code = second_step.code(later=1)
    for browser, works in ((app.test_client(), True), (app.test_client(), False)):
        browser.post("/login", data=BOB)
        browser.post("/tf-validate", data={"code": code})
        assert opens(browser) is works


def test_guessing_codes_is_stopped_wherever_it_comes_from(app: Flask, second_step: Phone, limits: None) -> None:
    answers = []
    for number in range(11):
        browser = app.test_client()
        browser.post("/login", data=BOB)
        place = {"REMOTE_ADDR": f"198.51.100.{number}"}
        answers.append(browser.post("/tf-validate", data={"code": "000000"}, environ_base=place).status_code)
    assert answers == [200] * 10 + [429]


def test_a_spare_code_opens_once_and_is_not_kept_in_plain_text(
    app: Flask, bob: FlaskClient, second_step: Phone
) -> None:
    page = bob.post("/mf-recovery-codes", data={"generate_new_codes": "1"}).text
    codes = re.findall(r"<li>([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})</li>", page)
    assert len(codes) == 5
    with app.app_context():
        kept = str(
            db.session.execute(sa.select(User.mf_recovery_codes).where(User.id == second_step.user_id)).scalar_one()
        )
    assert codes[0] not in kept
    for works in (True, False):
        browser = app.test_client()
        browser.post("/login", data=BOB)
        browser.post("/mf-recovery", data={"code": codes[0]})
        assert opens(browser) is works
