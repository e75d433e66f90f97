"""What is done with many products at once: those chosen on a page, or all that a list shows."""
