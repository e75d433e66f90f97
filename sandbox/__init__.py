"""A pretend Meta: Graph API, login dialog, signed events, and pages where a person plays the buyer."""
