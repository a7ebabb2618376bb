"""Encoding repair and white space."""
