"""The report: one HTML file that shows what became of a corpus, made from its dataset alone."""
