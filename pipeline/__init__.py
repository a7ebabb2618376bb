"""Corpusmill: scraped, damaged text in; clean, deduplicated Parquet out."""
