"""What was predicted, of which input, and how it is kept."""
