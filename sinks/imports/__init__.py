"""What imports of files did, and what was odd in senders' records."""
