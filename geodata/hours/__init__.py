"""When a place is open: the calendar, the rules as written, and what they say at an instant."""
