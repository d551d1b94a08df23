"""Writes to claims: verbs, each in the transaction of its caller."""
