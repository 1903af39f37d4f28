"""Who may come in, and who did: tokens, sessions and the record of access, in tables of their own."""
