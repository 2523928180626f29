"""The domain of lakeloop: what every function shares, without an AWS client outside `lakeloop.adapters`."""
