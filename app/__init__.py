"""The web: HTTP, pages and the command line over geodata. Holds values, never frames."""
