"""Fixtures that start real services for the tests that ask for them."""
