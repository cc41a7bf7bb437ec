"""Who is served: the arrays behind every share, the same for the server, the command line and an
analyst.
"""
