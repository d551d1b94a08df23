"""CARC, remarks and claim facts into cause, next steps and owner."""
