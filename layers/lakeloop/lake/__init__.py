"""The versioned side of the data: one lakeFS repository per dataset."""
