"""The queries of the dashboards: SQL text with Grafana's variables in it, over the tables of the monitor.

Variables are written `${name}`: month (first day, YYYY-MM-DD), structure (reported or current), agency (a
code, or all), definition (metric/definition), procedure (a code, or all). Columns bear names that no language
changes; the dashboards give them titles.
"""
