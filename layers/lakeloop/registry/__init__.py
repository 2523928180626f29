"""The versions of models: what each was made of, how it was judged, whether it may be deployed."""
