"""Programmes billed by the day: the list of episodes, and one episode with its days and bills."""
