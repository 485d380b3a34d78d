"""What the CMS tells the layers above: a material went public, or was taken back.

Both are sent inside the transaction that changes the state, so a receiver's own writes stand or fall with
it; side effects outside the database belong into `transaction.on_commit`. Receivers are idempotent: a
material that is published again (a new revision, a further rendition of the same one) is sent again.
"""

from __future__ import annotations

from django.dispatch import Signal

material_published = Signal()
"""Arguments: `material_id` (UUID), `instance` (the live page or snippet)."""

material_withdrawn = Signal()
"""Arguments: `material_id` (UUID); `instance` where it still exists."""

renditions_expired = Signal()
"""Arguments: `source` (MediaSource): the time for which its replaced renditions stay public is over."""

media_replaced = Signal()
"""Arguments: `media` (LectureMedia, PlatformDocument or PlatformImage): its file is another one than before;
`author`: who replaced it, None where a program did."""
