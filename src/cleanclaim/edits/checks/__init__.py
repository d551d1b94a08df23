"""One claim edit per file; the file name is the edit's id. See `cleanclaim.edits.model.Edit`."""
