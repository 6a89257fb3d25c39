"""Finds the Chromium that the journeys drive: the one on PATH; else, where that may be done unasked (root in a
container or CI), Debian's package; else Playwright's own. Says which. A developer's desktop is never changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

OTHERS = (
    "firefox-esr",
    "webkit2gtk-driver",
    "xvfb",
    "gstreamer1.0-libav",
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-plugins-bad",
)  # the customer's page is tried in these too; without them those tests are skipped, and say so
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@cache
def chromium() -> str | None:
    """The path of a Chromium, or None. VIDMSG_CHROMIUM overrides."""
    given = os.environ.get("VIDMSG_CHROMIUM")
    if given:
        return given
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    return _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _unattended() -> bool:
    """CI or a container: nobody's desktop."""
    return bool(os.environ.get("CI")) or Path("/.dockerenv").exists() or Path("/run/.containerenv").exists()


def install() -> str | None:
    """Install a Chromium and return its path: Debian's package where nobody's desktop is touched, else Playwright's
    own, which lies in a folder beside the system."""
    if _unattended() and shutil.which("apt-get") and os.geteuid() == 0:
        print("No Chromium found: installing Debian's package.")
        for step in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium", "fonts-noto-core"]):
            subprocess.run(step, check=False, stdout=subprocess.DEVNULL)
    chromium.cache_clear()
    if chromium() is None:
        print("No Chromium found: asking Playwright for its own.")
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
        chromium.cache_clear()
    return chromium()


def install_others() -> None:
    """In CI, where nobody's desktop is touched: Debian's Firefox and WebKit for the customer's page."""
    present = shutil.which("firefox-esr") and shutil.which("WebKitWebDriver")
    if present or not os.environ.get("CI") or not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print("Installing Debian's Firefox and WebKit for the customer's page.")
    for step in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *OTHERS]):
        subprocess.run(step, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main() -> int:
    """Say which browser the journeys use; exit 1 when there is none, because no test may be skipped silently."""
    path = chromium() or install()
    if path is None:
        print("No Chromium. Install one (apt-get install chromium, or python -m playwright install chromium).")
        return 1
    print(f"Journeys run in {path}")
    install_others()
    return 0


if __name__ == "__main__":
    sys.exit(main())
