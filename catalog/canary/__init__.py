"""A hidden item in each catalog that tells how long a change of stock takes to reach Meta."""
