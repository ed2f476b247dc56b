"""The data sets, a short file each: what its files say, and what is counted."""
