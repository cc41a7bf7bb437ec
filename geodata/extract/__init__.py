"""Files that others wrote: an OpenStreetMap extract as typed nodes, ways, areas and relations (the
only door to osmium), and what a library says of a damaged file as one sentence.

Roads, places, outlines and the base map are read through it; what tags mean, the readers say.
"""
