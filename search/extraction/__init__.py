"""The words of attachments: read once for each file, by a program that may do nothing else, and kept page by page."""
