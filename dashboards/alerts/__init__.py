"""Alerts as code: one thresholds file in, Prometheus rules, their tests and Alertmanager's routing out."""
