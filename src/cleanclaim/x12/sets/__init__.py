"""Typed meaning per transaction set. `records.py` holds the values; one module a set reads and writes them."""
