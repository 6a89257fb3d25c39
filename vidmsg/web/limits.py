"""How often somebody may try: sign-in, open pages, the simulator. Counted per process, by address."""

from __future__ import annotations

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address, default_limits=[], storage_uri="memory://")
