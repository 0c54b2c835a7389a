"""What partners send: read as findings, written down in the ledger, answered, matched with what we sent."""
