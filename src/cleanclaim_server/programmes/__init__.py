"""Programmes billed by the day (IOP, PHP): episodes of care and the days attended."""
