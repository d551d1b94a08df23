"""The rule book on screen: its rules, one rule with its sources, a question answered, what is covered."""
