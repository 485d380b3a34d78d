"""The same search for programs: JSON, described by an OpenAPI document."""
