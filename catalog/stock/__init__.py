"""How many pieces there are, who holds some of them, and what buyers see when none is left."""
