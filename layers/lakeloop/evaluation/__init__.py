"""How good a model is, whether it is better than the one that serves, and a page about it for people."""
