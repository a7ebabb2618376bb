"""Incremental ingest: a run on what is new and on what it touches of the past, found through an index."""
