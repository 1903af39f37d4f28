"""Work on whole tables: backup, restore, exchange, retention, thinning, a look at storage.

Nothing here is needed to count an event.
"""
