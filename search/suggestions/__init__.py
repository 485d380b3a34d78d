"""Suggestions while typing, and what was perhaps meant when nothing is found."""
