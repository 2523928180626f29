"""What people see, made of values alone: the commands print it, docs/terminal.md shows it."""
