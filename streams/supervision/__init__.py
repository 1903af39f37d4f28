"""The worker as a whole: what runs when, what is waited for, what is told of it.

Nothing here touches an event or a row.
"""
