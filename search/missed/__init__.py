"""What people looked for and did not find: words, days and counts, never persons."""
