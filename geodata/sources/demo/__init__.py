"""The demo city: synthetic places, people and ground, the same for the same seed."""
