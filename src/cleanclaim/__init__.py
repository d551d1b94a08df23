"""The pure core of Cleanclaim: values in, values and findings out.

Nothing in this package opens a database, a network connection or a clock. It is usable on its own:
X12 files, session coding, claim edits and posting plans need no server.
"""

__version__ = "0.1.0"
