"""Remittances: the inbox, one payment with its proof, payments without a practice, and what a person does."""
