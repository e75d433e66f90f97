"""Pictures of products: files that come in, addresses that others keep, and what Meta makes of both."""
