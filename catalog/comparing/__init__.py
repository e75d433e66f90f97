"""What Meta has in a catalog: compared with the store, mended, taken over, and what Meta says of it."""
