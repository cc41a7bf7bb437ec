"""Names as they are written, spoken and mistyped, and the index that finds them."""
