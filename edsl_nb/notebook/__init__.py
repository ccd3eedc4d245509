"""Layer 5: displays in a notebook, and how a cell waits for a run."""
