"""The families of commands: each module declares its options, calls one room, prints what came back.

No module here imports another one's command.
"""
