"""The way in: `app` for any WSGI server; `python app.py` serves web and worker together on the embedded default."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    from vidmsg.cli import main

    sys.exit(main(["serve", *sys.argv[1:]]))

from vidmsg import config, create_app, logs

settings = config.load()
logs.configure(settings.log_level, settings.log_format)
app = create_app(settings)
