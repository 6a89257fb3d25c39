"""How often somebody may try: sign-in, open pages, the simulator. Counted per process, by address."""

from __future__ import annotations

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address, default_limits=[], storage_uri="memory://")
guesses = limiter.shared_limit("120/hour", scope="guesses", deduct_when=lambda response: response.status_code == 404)
"""For pages that open with the secret in their address: who tries many that open nothing is let in no more. Only those
are counted, because many people may come from one address."""
