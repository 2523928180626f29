"""Terraform as the local cloud runs it, and where it takes its provider from."""
