"""What the pipeline tells the layers above; sent inside the transaction that recorded the fact.

rendition_published(sender=MediaSource, source, rendition): one verified rung is there (audio comes first).
job_finished(sender=MediaSource, source, job): every planned rung is there.
job_failed(sender=MediaSource, source, job): the job ended as failed or cancelled.
swept(sender=WorkerProcess): a worker looked for lost jobs, every few seconds; layers above look for theirs. Outside
any transaction, in the sweeper's thread; a receiver limits itself to what is due.
"""

from __future__ import annotations

from django.dispatch import Signal

rendition_published = Signal()
job_finished = Signal()
job_failed = Signal()
swept = Signal()
