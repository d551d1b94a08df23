"""Contracts with payers: versioned rate grids, their source documents, and what a line is worth by them."""
