"""Measuring the search: relevance, speed and consistency at 100,000 documents, against search.md §3."""
