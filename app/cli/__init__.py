"""What is typed in a terminal: a module for each family of commands."""
