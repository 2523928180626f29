"""One module per command: read the options, ask the system, print the answer."""
