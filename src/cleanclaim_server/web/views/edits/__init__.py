"""Before sending: claims by what stands in their way, what repaired them, and what goes."""
