"""Reading the topic: the group's member, Faust's app and transport, and where slices wait.

Nothing here knows what an event means.
"""
