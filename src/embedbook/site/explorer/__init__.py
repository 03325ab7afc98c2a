"""The explorer: a page that shows words in four spaces side by side, and the data behind it."""
