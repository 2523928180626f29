"""The loop over thirty days of drift, with and without it."""
