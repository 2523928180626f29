"""What each `terraform apply` made live, and the way back to it."""
