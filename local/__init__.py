"""The cloud on one machine: an AWS emulator, a local SageMaker, a lakeFS server, and the supervisor of the three."""
