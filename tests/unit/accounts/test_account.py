"""A person's own page and picture, and the organisation's settings."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from tests import cast as makers
from tests.cast import Cast
from vidmsg.accounts import colours, faces, places
from vidmsg.accounts.models import Organisation, User
from vidmsg.database import reading, writing


def picture(size: tuple[int, int] = (900, 600), kind: str = "JPEG", **options: Any) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", size, "#b4420f").save(out, kind, **options)
    out.seek(0)
    return out


def upload(client: FlaskClient, file: io.BytesIO, name: str = "me.jpg") -> str:
    return client.post("/account/face", data={"face": (file, name)}, follow_redirects=True).text


def test_a_picture_becomes_a_small_square_without_metadata(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    exif = Image.Exif()
    exif[0x010F] = "A secret camera"
    upload(bob, picture(exif=exif))
    answer = bob.get(f"/account/face/{cast.bob.id}")
    with Image.open(io.BytesIO(answer.data)) as kept:
        assert (kept.format, kept.size, dict(kept.getexif())) == ("JPEG", (512, 512), {})
    assert b"secret camera" not in answer.data


def test_a_picture_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees to see it
    half = Image.new("RGB", (600, 600), "white")
    half.paste("black", (0, 0, 300, 600))
    out = io.BytesIO()
    half.save(out, "JPEG", exif=exif)
    out.seek(0)
    with Image.open(io.BytesIO(faces.read(out))) as upright:
        assert upright.convert("L").getpixel((256, 40)) < 40
        assert upright.convert("L").getpixel((256, 470)) > 200


@pytest.mark.parametrize(
    "content", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.4", b"\xff\xd8\xff\xe0 no"]
)
def test_what_is_no_picture_is_refused(bob: FlaskClient, content: bytes) -> None:
    assert "We can&#39;t read this picture" in upload(bob, io.BytesIO(content)) or content == b""


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(faces.NotAPicture):
        faces.read(picture((9000, 9000), "PNG"))


def test_a_picture_over_five_megabytes_is_refused() -> None:
    with pytest.raises(faces.NotAPicture, match="5 MB"):
        faces.read(io.BytesIO(b"\0" * (faces.MAX_BYTES + 1)))


def test_a_new_picture_replaces_the_old_one_in_storage(app: Flask, bob: FlaskClient) -> None:
    upload(bob, picture())
    upload(bob, picture((300, 300), "PNG"))
    assert len(list(app.extensions["storage"].keys("faces/"))) == 1
    bob.post("/account/face/remove")
    assert list(app.extensions["storage"].keys("faces/")) == []


def test_a_face_is_for_the_own_organisation_only(
    app: Flask, bob: FlaskClient, client: FlaskClient, sign_in: Callable[[Any], FlaskClient], cast: Cast
) -> None:
    upload(bob, picture())
    with app.app_context(), writing() as session:
        elsewhere = makers.organisation(session, "Other Spa")
        zoe = makers.user(session, makers.team(session, elsewhere, "Desk"), "Zoe Zorn")
    address = f"/account/face/{cast.bob.id}"
    assert sign_in(cast.charlie).get(address).status_code == 200
    assert sign_in(zoe).get(address).status_code == 404
    assert client.get(address).status_code == 302


def test_a_name_loses_control_and_bidi_characters_and_nothing_else(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    bob.post("/account", data={"name": " Bo\u202eb\x07  Bäcker-Ω 李 ", "time_zone": "Europe/Berlin"})
    with app.app_context(), reading() as session:
        kept = session.get_one(User, cast.bob.id)
        assert (kept.name, kept.time_zone) == ("Bob Bäcker-Ω 李", "Europe/Berlin")


def test_settings_are_changed_by_the_manager(app: Flask, alice: FlaskClient) -> None:
    answers = {"organisation": "Harbor & Co", "phone": "206.555.0101", "time_zone": "America/Denver", "country": "US"}
    assert alice.post("/settings", data=answers | {"accent": "#2F5A94"}).status_code == 302
    with app.app_context(), reading() as session:
        home = session.execute(sa.select(Organisation)).scalar_one()
        assert (home.name, home.phone, home.accent) == ("Harbor & Co", "+12065550101", "#2f5a94")


@pytest.mark.parametrize(
    ("colour", "reason"), [("#ffcc00", "too light"), ("red", "six letters"), ("#12345g", "six letters")]
)
def test_a_colour_that_cannot_be_read_is_refused_with_the_reason(alice: FlaskClient, colour: str, reason: str) -> None:
    answers = {"organisation": "Harbor Spa", "phone": "2065550101", "time_zone": "America/Denver", "country": "US"}
    answer = alice.post("/settings", data=answers | {"accent": colour})
    assert answer.status_code == 422
    assert reason in answer.text


def test_every_swatch_can_be_read_on_paper() -> None:
    assert all(colours.contrast(value, colours.PAPER) >= 4.5 for value, _word in colours.SWATCHES)


def test_a_zone_knows_its_country_and_its_city() -> None:
    assert places.country_of("America/Los_Angeles") == "US"
    assert places.city("America/New_York") == "New York"
    assert {"Europe/Berlin", "Asia/Kolkata", "UTC"} <= {zone for zone, _words in places.time_zones()}
