"""Measured quality: what the pipeline does to lines that people have labelled."""
