"""A lakeFS server for one machine: the published API on SQLite, with the objects in S3.

It is a stand-in for development and tests, see README.md for what it does not do or prove.
"""
