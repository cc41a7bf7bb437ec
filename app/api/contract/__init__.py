"""What the API promises: the shapes of its replies and their OpenAPI description."""
