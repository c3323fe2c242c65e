"""Texts: as users give them, and as the ids that networks read."""
