"""What people of an agency confirmed in the rule book, and the book that follows from it."""
