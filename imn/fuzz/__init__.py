"""Spoilt files for every reader: each is refused in one sentence or holds a valid recording."""
