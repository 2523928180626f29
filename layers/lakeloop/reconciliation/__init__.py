"""What events missed between data and endpoint: found by looking, and told again to who can do something about it."""
