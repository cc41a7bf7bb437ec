"""How long it takes: straight-line estimates now, the road network later."""
