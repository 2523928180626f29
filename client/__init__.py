"""What one asks of a deployed environment from a notebook, a flow, a test or the command: no terminal code here."""
