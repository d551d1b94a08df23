"""The checks of the note audit, one module per side of a note."""
