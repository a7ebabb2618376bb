"""Answers from a finished dataset alone: why, what if, what changed, and back again."""
