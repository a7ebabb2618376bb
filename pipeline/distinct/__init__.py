"""Duplicate documents alone: which documents of a corpus are distinct, without cleaning any."""
