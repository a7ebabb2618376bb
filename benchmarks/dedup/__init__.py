"""Near-duplicate search against the peers: one corpus, one exact truth, whole processes, one table."""
