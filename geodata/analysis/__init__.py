"""What the city is like: coverage, access, siting. Frames in, frames out; asks the engine that answers riders."""
