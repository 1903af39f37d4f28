"""What the stream gives to its four seams, recorded for fixed stories and compared with what is stored.

The seams: messages sent, rows inserted, pairs put into the local store, offsets acknowledged. As long as the
record is the same, whatever stands behind it, agencies, the topic and a reader of the tables see no change.
"""
