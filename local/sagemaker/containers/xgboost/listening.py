"""How a serving container learns where to listen."""

# The number of a socket that listens already: no port is chosen, lost to somebody else, and missed.
LISTEN_FD = "SAGEMAKER_LISTEN_FD"
