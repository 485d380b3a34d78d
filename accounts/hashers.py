"""How passwords are hashed."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class FrugalArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with the least that OWASP's password storage cheat sheet recommends: 19 MiB, 2 passes, 1 lane.

    Django's own take 100 MiB a hash: a few people signing in at once would fill a county's small server.
    """

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1
