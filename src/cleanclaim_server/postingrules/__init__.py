"""What posts without a person, what waits, what was decided about it, and what decisions taught."""
