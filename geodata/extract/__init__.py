"""An OpenStreetMap extract as typed nodes, ways, areas and relations: the only door to osmium.

Roads, places, outlines and the base map are read through it; what tags mean, the readers say.
"""
