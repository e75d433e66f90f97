"""Numbers that a page does not count itself: counted in the background, and kept with their time."""
