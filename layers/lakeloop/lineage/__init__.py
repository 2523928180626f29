"""What was made of what: from a landed file to the endpoint that serves its model, and back."""
