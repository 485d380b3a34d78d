"""Engines behind one port (`search.backends.base`); `search.engine` picks the one in use."""
