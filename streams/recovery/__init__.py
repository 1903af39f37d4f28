"""Tables made anew from the topic or from stored events, and refused events sent again: on demand.

Nothing that a running worker needs lives here.
"""
