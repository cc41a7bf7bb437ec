"""One version of the data, frozen: flat arrays that are mapped and asked, never changed."""
