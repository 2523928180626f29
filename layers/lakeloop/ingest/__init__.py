"""From a landed file to a commit: what an event means, which rows are good, what goes where."""
