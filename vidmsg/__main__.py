"""`python -m vidmsg`."""

from __future__ import annotations

import sys

from vidmsg.cli import main

sys.exit(main())
