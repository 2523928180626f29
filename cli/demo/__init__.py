"""`lakeloop demo`: the whole loop once, on real data, from a dropped file to served predictions."""
