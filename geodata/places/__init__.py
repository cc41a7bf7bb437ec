"""The table of places and the outlines they lie in; the last rooms in which a frame is checked."""
