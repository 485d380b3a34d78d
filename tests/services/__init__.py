"""Real services (PostgreSQL, Redis, S3) that tests start and stop."""
