"""Taking back what the loop did: bad data, and the models that were made of it."""
