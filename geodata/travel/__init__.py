"""How long it takes by road: from an extract to graphs, and what is asked of them."""
