"""The steps of a run, one module each; `corpus.py` puts them in order."""
