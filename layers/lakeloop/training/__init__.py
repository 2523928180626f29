"""From a commit to a tuning job on exactly that commit."""
