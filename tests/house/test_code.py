"""Rules of the house, read off the code itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = sorted(path for path in (ROOT / "vidmsg").rglob("*.py") if "versions" not in path.parts)
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MAX_FILE = 300
MAX_FUNCTION = 45
DOORS = {"twilio": {"sms/gateway.py"}, "boto3": {"storage/s3.py"}, "botocore": {"storage/s3.py"}}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in SOURCES:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SOURCES + SCRIPTS, ids=name)
def test_a_file_is_one_idea(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_FILE


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_a_function_does_one_job() -> None:
    long = [
        f"{name(path)}:{node.name} {length}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION
    ]
    assert not long, long


def test_outside_libraries_stand_behind_one_door() -> None:
    strays = []
    for path, tree in trees():
        inside = path.relative_to(ROOT / "vidmsg").as_posix()
        for node in ast.walk(tree):
            modules = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for module in modules:
                top = module.split(".")[0]
                moviepy_outside = top == "moviepy" and not inside.startswith("media/")
                if moviepy_outside or inside not in DOORS.get(top, {inside}):
                    strays.append(f"{inside} imports {module}")
    assert not strays, strays


def test_only_the_sandbox_starts_programs() -> None:
    """serve.py starts the worker, which is our own program; everything else goes through the sandbox."""
    starters = {
        name(path)
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import) and any(alias.name == "subprocess" for alias in node.names)
    }
    assert starters == {"vidmsg/media/sandbox.py", "vidmsg/serve.py"}


def test_now_comes_from_the_clock_only() -> None:
    pattern = re.compile(r"datetime\.(now|utcnow|today)\(|date\.today\(")
    strays = [name(path) for path in SOURCES if path.name != "clock.py" and pattern.search(path.read_text())]
    assert not strays, strays


def test_no_weak_randomness() -> None:
    strays = [
        name(path)
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import) and any(alias.name == "random" for alias in node.names)
    ]
    assert not strays, strays


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_has_no_inline_style_or_handler(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<[^>]*\sstyle=", text)
    assert not re.search(r"<[^>]*\son[a-z]+=", text)
    for tag in re.findall(r"<(?:script|style)\b[^>]*>", text):
        assert "nonce" in tag, tag


def test_nothing_in_the_browser_comes_from_elsewhere() -> None:
    for path in [*SCRIPTS, *TEMPLATES, *(ROOT / "static").rglob("*.css")]:
        outside = re.findall(r"(?:src|href|import|url)\W{1,3}(https?://[^\s\"')]+)", path.read_text(encoding="utf-8"))
        assert not outside, (name(path), outside)


def test_no_file_names_a_path_of_some_machine() -> None:
    pattern = re.compile(r"(?<![\w.])/(?:work|root|home/\w+)/")
    for path in [*SOURCES, *SCRIPTS, *TEMPLATES, *ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "Makefile"]:
        assert not pattern.search(path.read_text(encoding="utf-8")), name(path)
