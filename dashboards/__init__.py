"""Grafana dashboards and alert rules as code, and their publisher."""
