"""The pages for agencies, operators and ministers: drawn on the server, whole without scripts.

Each page is a module: what it asks of the guard's reader, and the template that shows it. Nothing here
decides what may be seen.
"""
