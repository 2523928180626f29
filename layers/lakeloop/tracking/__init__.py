"""Runs and model versions, as trackers of experiments show them to people."""
