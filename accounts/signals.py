"""What accounts tell the layers above."""

from django.dispatch import Signal

account_recovered = Signal()
"""A person signed in with a new code for an account already in use: older devices may be lost.

Sent inside the transaction, with `user`.
"""
