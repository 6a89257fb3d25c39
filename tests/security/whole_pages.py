"""What every page must carry, whoever asked for it: a strict policy with a nonce of its own that its scripts and styles
bear, the camera shut but on the recorder, and in practice mode the word that no real text is sent."""

from __future__ import annotations

import re

from werkzeug.test import TestResponse

from vidmsg.web.headers import CAMERA_ENDPOINTS

FOR_CUSTOMERS = "watch."  # the page that a text leads to looks as it does for a real customer
BANNER = "no real texts are sent"
_NONCE = re.compile(r"script-src 'nonce-([\w-]{16,})' 'self'")
_INLINE = re.compile(r"<(?:script|style)\b(?![^>]*\bnonce=\"([\w-]+)\")[^>]*>")


def complaints(endpoint: str, answer: TestResponse) -> list[str]:
    """What is missing on this page; empty where the answer is no page."""
    if answer.mimetype != "text/html" or not answer.data:
        return []
    policy, page = answer.headers["Content-Security-Policy"], answer.get_data(as_text=True)
    found = []
    if "unsafe" in policy or "default-src 'none'" not in policy or "frame-ancestors 'none'" not in policy:
        found.append(f"its policy is weak: {policy}")
    nonce = _NONCE.search(policy)
    if _INLINE.search(page) or (nonce and any(n != nonce.group(1) for n in re.findall(r'nonce="([\w-]+)"', page))):
        found.append("a script or a style without this page's nonce")
    if re.search(r"\s(?:style|on\w+)=\"", page):
        found.append("a style or a handler inside a tag")
    devices = "self" if endpoint in CAMERA_ENDPOINTS else ""
    if f"camera=({devices}), microphone=({devices})" not in answer.headers["Permissions-Policy"]:
        found.append(f"camera and microphone: {answer.headers['Permissions-Policy']}")
    if not endpoint.startswith(FOR_CUSTOMERS) and answer.status_code < 300 and BANNER not in page.lower():
        found.append("nothing says that no real texts are sent")
    return found
