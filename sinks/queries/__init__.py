"""What people and programs ask of the tables: rates, dossiers, explanations, rejections, history.

Nothing here writes.
"""
