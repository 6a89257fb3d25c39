"""The first thing a child process runs: takes the limits upon itself, ties its life to its parent, then becomes
the program. It may know the standard library only, because it is started by `python -I -S` and has to be cheap;
sandbox.py is its only caller. Arguments: settings as NAME=NUMBER, then `--`, then either the program with its
arguments or `@SCRIPT`, a Python file to run in this same interpreter (settings `path=` name its import folders).
"""

import ctypes
import os
import resource
import select
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
RESOURCES = {
    "cpu": resource.RLIMIT_CPU,
    "memory": resource.RLIMIT_AS,
    "file": resource.RLIMIT_FSIZE,
    "core": resource.RLIMIT_CORE,
}


def limit(name: str, value: int) -> None:
    """Lower one limit; where the system knows a stricter one, or not this one (macOS has no RLIMIT_AS), go on."""
    try:
        hard = resource.getrlimit(RESOURCES[name])[1]
        wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(RESOURCES[name], (wanted, wanted))
    except (ValueError, OSError):
        if sys.platform.startswith("linux"):
            raise


def die_with_parent(parent: int) -> None:
    """Linux: be killed when the thread that started us ends. The parent may be gone already: then end here."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        sys.exit("the child could not be tied to its parent")
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent is gone")


def watch_lifeline(fd: int) -> None:
    """Elsewhere: go on in a fork; this process stays and kills the fork when the parent's end of the pipe closes."""
    child = os.fork()
    if child == 0:
        os.close(fd)
        return
    for standard in (0, 1, 2):
        os.close(standard)
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)
        if select.select([fd], [], [], 0.1)[0] and not os.read(fd, 1):
            os.kill(child, signal.SIGKILL)


def run_script(script: str, arguments: list[str], paths: list[str]) -> None:
    """Run a Python file as the main program, in this interpreter, with these import folders."""
    sys.path[:0] = [path for path in paths if path not in sys.path]
    sys.argv = [script, *arguments]
    with open(script, encoding="utf-8") as file:  # noqa: PTH123 -- importing pathlib would double the cost
        source = file.read()
    scope = {"__name__": "__main__", "__file__": script, "__builtins__": __builtins__}
    exec(compile(source, script, "exec"), scope)  # noqa: S102 -- a file of this package, named by sandbox.py


def main() -> None:
    split = sys.argv.index("--")
    settings = [argument.partition("=")[::2] for argument in sys.argv[1:split]]
    program, *arguments = sys.argv[split + 1 :]
    given = dict(settings)
    if "lifeline" in given:
        watch_lifeline(int(given["lifeline"]))
    else:
        die_with_parent(int(given["parent"]))
    for name in RESOURCES:
        if name in given:
            limit(name, int(given[name]))
    if program.startswith("@"):
        run_script(program[1:], arguments, [value for name, value in settings if name == "path"])
    else:
        os.execv(program, [program, *arguments])  # noqa: S606 -- becoming the program is what this file is for


if __name__ == "__main__":
    main()
