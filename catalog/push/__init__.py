"""What has to go to Meta, and what Meta makes of it: marked, claimed, sent, asked about, settled."""
