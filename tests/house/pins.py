"""`make pins`: renews requirements.txt and requirements-dev.txt from requirements.in and requirements-dev.in. Each is
installed into a fresh virtual environment and written down as it came, so a pinned set is always one that installs
together. requirements-dev.txt lists only what comes on top; conflicts stop it before a file is changed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NOT_OURS = {"pip", "setuptools", "wheel"}


def main() -> int:
    """Install, freeze, write both files. Prints what changed."""
    with tempfile.TemporaryDirectory(prefix="vidmsg-pins-") as folder:
        python = make_environment(Path(folder))
        plain = installed(python, "requirements.in")
        everything = installed(python, "requirements.in", "requirements-dev.in")
    moved = sorted(plain - everything)
    if moved:
        print(f"The development requirements want other versions than the project does: {', '.join(moved)}")
        return 1
    write(ROOT / "requirements.txt", ordered(plain))
    write(ROOT / "requirements-dev.txt", ["-r requirements.txt", *ordered(everything - plain)])
    return 0


def make_environment(folder: Path) -> str:
    """A fresh virtual environment with this Python; returns its interpreter."""
    venv.create(folder, with_pip=True)
    return str(folder / ("Scripts" if sys.platform == "win32" else "bin") / "python")


def installed(python: str, *files: str) -> set[str]:
    """Install what these files ask for, and say what is there then, as `name==version`."""
    wanted = [argument for name in files for argument in ("-r", str(ROOT / name))]
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", *wanted], check=True)
    subprocess.run([*pip, "check"], check=True, stdout=subprocess.DEVNULL)
    frozen = subprocess.run([*pip, "freeze", "--all"], check=True, capture_output=True, text=True).stdout
    return {line for line in frozen.splitlines() if line.partition("==")[0].lower() not in NOT_OURS}


def ordered(pins: Iterable[str]) -> list[str]:
    """By name, whatever its case, so that a change is a small diff."""
    return sorted(pins, key=lambda pin: pin.partition("==")[0].lower())


def write(path: Path, lines: list[str]) -> None:
    """Write the file and say what is different now."""
    before = set(path.read_text(encoding="utf-8").splitlines()) if path.exists() else set()
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{path.name}: {len(lines)} lines")
    for line in ordered(before ^ set(lines)):
        print(f"  {'+' if line in lines else '-'} {line}")


if __name__ == "__main__":
    sys.exit(main())
