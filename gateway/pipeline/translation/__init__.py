"""One document between bytes and business object, under one adopted set-up. Pure: no ledger, no clock."""
