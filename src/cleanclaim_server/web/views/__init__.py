"""Pages: one module per stage. A view names its need, asks a query, records what was seen, renders."""
