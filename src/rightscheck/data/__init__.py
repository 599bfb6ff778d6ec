"""Data files that the code's meaning rests on."""
