# Two commands matter: `make run` and `make test`. Each sets up all that it needs.
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
SINGLE := bench-reads bench-recovery bench-backlog bench-growth bench-memory bench-steady bench-latency \
	bench-gateway bench-pages bench-workers

.PHONY: help setup run test coverage faults wheel fuzz lint bench bench-throughput $(SINGLE) torture lock clean

help:
	@sed -n 's/^## //p' Makefile

## make setup    virtual environment from the lock, broker jars checked; leaves .venv/bin/emc
setup: .venv/ready

.venv/ready: requirements.lock pyproject.toml deploy/kafka-jars.sha256 scripts/setup
	@scripts/setup

## make run      broker, worker, API and the simulated month; Ctrl-C stops everything
run: setup
	@$(BIN)/emc demo --data-dir data

## make lint     formatting, ruff, types, import directions
lint: setup
	@scripts/lint

## make test     lint, and the tests on the real broker and engine
test: setup
	@scripts/test

## make coverage  the same tests, and what lines and branches they do not reach
coverage: setup
	@scripts/test --cov --cov-report=term:skip-covered

## make faults   what fails, one by one: workers at every point of a batch, processes, components, stores; then a short torture
faults: setup
	@$(BIN)/python -m pytest tests/faults tests/torture

## make wheel    the wheel, installed elsewhere, through an operator's first hour as docs/first-hour.md prints it
wheel: setup
	@$(BIN)/python -m pytest tests/installed

## make fuzz     500 mixtures of records of every kind, seed printed; bystanders must count, lag must end
fuzz: setup
	@$(BIN)/python -m tests.fuzz.main

## make bench    all benchmarks that end within half an hour; tables, JSON and plots in build/bench
bench: bench-throughput bench-reads bench-recovery bench-backlog

## make bench-throughput  events a second beside peers and the floor, at a month's and a nation's density
bench-throughput: setup
	@scripts/bench-venv
	@$(BIN)/python -m benchmarks.throughput --scale 0.5

## make bench-reads   what every question to the API, the pages and the exporter costs over a nation's year
## make bench-recovery  a worker whose local store is lost, one that finds it; waits while workers join and leave
## make bench-backlog  a backlog at a nation's density: time, and memory over time
## make bench-growth  throughput and reading at three sizes a decade apart, with their exponents
## make bench-memory  what a worker holds over 6 million events in three packings, then for an hour at 50 a second
## make bench-steady  what the service costs at 0, 50 and 500 events a second
## make bench-latency  from sending an event to its rate being readable: at 50 and 500 a second, beside a backlog
## make bench-gateway  sending over HTTP, with a restart in the middle
## make bench-workers  what more workers bring on one machine
## make bench-pages    how long pages take, and what they cost and weigh
$(SINGLE): bench-%: setup
	@$(BIN)/python -m benchmarks.$*

## make torture  200 random faults against real processes within an hour, then an independent count of 2 million events
torture: setup
	@$(BIN)/python -m tests.torture.main

## make lock     renew requirements.lock from requirements.in and requirements-dev.in
lock: setup
	@scripts/lock

## make clean    remove what was built; data/ stays
clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
