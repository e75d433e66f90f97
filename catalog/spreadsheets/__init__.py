"""Products as a file of rows: in, with a look before anything changes, and out."""
