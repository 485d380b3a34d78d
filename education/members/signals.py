"""What members' accounts tell the layers above.

Sent inside the transaction that changes the state, so a receiver's own writes stand or fall with it.
"""

from __future__ import annotations

from django.dispatch import Signal

member_erased = Signal()
"""Arguments: `member` (PartyMember, already without name and account); `by`: the user who carried it out, or None."""
