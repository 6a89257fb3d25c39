"""Customers' dates: what comes back in whose life. Tables only, so far."""
