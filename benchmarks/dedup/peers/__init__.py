"""One script a peer, run by the peer's own Python; see `contract.py`."""
