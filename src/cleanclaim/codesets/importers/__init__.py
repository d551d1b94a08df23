"""Importers of the official public files, so that a practice loads the current quarter itself.

`import_file` reads one file as its issuer publishes it and answers rows of our table with a version; it
writes nothing. `store` writes them into an overlay folder, which `cleanclaim_data.loader.use_overlay` puts
before the tables of the package. `load_files` does it all, and refuses a bad table before it is used. Bad
rows are findings with their line; a file of another layout is refused.

What the files carry under licence (CPT descriptors, NUCC definitions) is dropped on reading.
"""

from cleanclaim.codesets.importers.difference import Difference, RowChange, difference
from cleanclaim.codesets.importers.files import IMPORTERS, import_file
from cleanclaim.codesets.importers.loading import last_day, load_files
from cleanclaim.codesets.importers.model import Imported, ImportRefused, Release
from cleanclaim.codesets.importers.store import store

__all__ = [
    "IMPORTERS",
    "Difference",
    "ImportRefused",
    "Imported",
    "Release",
    "RowChange",
    "difference",
    "import_file",
    "last_day",
    "load_files",
    "store",
]
