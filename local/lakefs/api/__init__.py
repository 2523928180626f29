"""The API operations, one module per group of the published specification."""
