"""What API Gateway and `predict` add to a direct call of an endpoint."""
