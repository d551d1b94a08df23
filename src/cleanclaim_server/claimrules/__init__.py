"""Rules that billers write: kept as versions, tried on the past, applied by the intake."""
