"""What every reply has in common: headers, problems, caching and limits."""
