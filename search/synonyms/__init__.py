"""Words that mean the same and words that mean nothing, as editors say: applied to the query, never to the index."""
