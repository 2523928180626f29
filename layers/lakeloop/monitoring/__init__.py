"""Watches what is predicted: whether inputs drift from what the model learned from, and whether it still is right."""
