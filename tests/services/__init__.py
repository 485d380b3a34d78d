"""Real services (PostgreSQL, Redis, S3, Elasticsearch) that tests start and stop."""
