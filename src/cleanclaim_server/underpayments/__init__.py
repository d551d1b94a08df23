"""Paid lines compared with what was due, and the projects that ask payers for the difference."""
