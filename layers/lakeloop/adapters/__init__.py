"""AWS and lakeFS behind the domain's ports: small classes that act and decide nothing."""
