"""The `lakeloop` command: the local cloud, dropped files, predictions and dead letters from a terminal."""
