"""The version that is being served, and how a worker comes to the next one."""
