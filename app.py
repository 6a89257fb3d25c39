"""The way in: `app` for any WSGI server; `python app.py` serves web and worker together on the embedded default."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    from vidmsg.cli import main

    sys.exit(main(["serve", *sys.argv[1:]]))

from vidmsg import config, startup

app = startup.ready_app(config.load())
