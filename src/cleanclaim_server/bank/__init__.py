"""The bank as rows: accounts, files, lines, and what says that a line is the money of a payment."""
