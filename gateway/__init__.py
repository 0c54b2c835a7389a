"""An open B2B/EDI gateway."""
