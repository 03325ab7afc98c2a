"""The chooser: which embedding to use, read off the stored learning curves."""
