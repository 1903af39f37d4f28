"""The engine: how it is reached, its tables and migrations, inserts and how its errors are told apart.

No question that a person asks is answered here.
"""
