"""Labels that come for predictions, and the rows that both make."""
