"""Who is served, at which hour, and how fairly: the measures of an analyst, by the engine that
answers riders.
"""
