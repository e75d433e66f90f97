"""Which of Meta's catalogs a store has, what each shows, and how it is kept true."""
