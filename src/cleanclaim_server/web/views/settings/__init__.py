"""Settings: the agency, its practices, places, clinicians, payers, partners and prices."""
