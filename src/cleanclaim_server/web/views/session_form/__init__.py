"""The entry form of a session: its fields, what the session would become, entering, and correcting."""
