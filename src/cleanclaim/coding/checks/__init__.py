"""Checks over a composed session, one module per subject. Each notes problems on the visit and returns."""
