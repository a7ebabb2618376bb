"""Exact and near-duplicates: sketches of texts, and verdicts about them."""
