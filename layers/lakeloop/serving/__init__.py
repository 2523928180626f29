"""From a request to a prediction; nothing here may import what makes a cold start slow."""
