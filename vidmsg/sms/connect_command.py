"""What `python -m vidmsg sms connect` does: look, ask, set, try, tell. It needs settings, but no database."""

from __future__ import annotations

import click

from vidmsg import config, phone
from vidmsg.errors import Sentence
from vidmsg.sms import connecting, real_gateway
from vidmsg.sms.gateway import Gateway, GatewayError, RefusedFinal, RefusedRetry, Unclear

NO_COUNTRY = ""  # nobody has said where this is, so the number begins with + and its country


def run(to: str | None, yes: bool) -> None:
    """Look at the account, point its number here after a yes, text `to` if given. Raises Sentence."""
    settings = config.load()
    if settings.practice:
        raise Sentence("No account is set. Put TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM into .env first.")
    gateway = real_gateway(settings)
    try:
        me = phone.parse(to, NO_COUNTRY) if to else None
        _tell(connecting.look(gateway, settings.address))
        _point(gateway, settings.address, yes)
        if me:
            _tell([connecting.try_text(gateway, me)])
    except phone.WrongNumber as error:
        raise Sentence(error.message) from None
    except GatewayError as error:
        raise Sentence(str(error)) from None
    except (RefusedRetry, RefusedFinal) as error:
        raise Sentence(error.message) from None
    except Unclear:
        raise Sentence("Twilio's answer got lost. Look whether the text arrived before you try again.") from None


def _point(gateway: Gateway, address: str, yes: bool) -> None:
    number = connecting.ours(gateway)
    if number is None or connecting.is_pointed(number, address) or connecting.unreachable(address):
        return  # what is missing has been told
    if yes or click.confirm(f"Send texts and calls to {number.phone} to {address}?"):
        connecting.point(gateway, number, address)
        click.echo(f"works    Texts and calls to {number.phone} come here now.")


def _tell(findings: list[connecting.Finding]) -> None:
    marks = {True: "works  ", False: "MISSING", None: "look   "}
    for finding in findings:
        click.echo(f"{marks[finding.works]}  {finding.sentence}")
