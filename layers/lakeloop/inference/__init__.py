"""A contract from files: each guess with its reason, and questions for what only a person knows. In no function."""
