"""Incidents: what happened outside of the numbers and explains them; marked on charts, told with exports."""
