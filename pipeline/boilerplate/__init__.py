"""Boilerplate: which paragraphs are not the article's own text, and where its headline is."""
