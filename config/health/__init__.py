"""Says what works: `/health/` for people and monitors, `/health/live/` for the process supervisor."""
