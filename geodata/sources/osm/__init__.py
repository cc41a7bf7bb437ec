"""Places, outlines and names out of an OpenStreetMap extract."""
