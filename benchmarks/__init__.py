"""Measurements of what the platform costs, as ratios to the stated limits; `make bench` prints the table.

Processor time is measured rather than the clock wherever it can be, so that a busy machine changes little.
"""
