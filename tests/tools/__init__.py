"""Programs that only tests need and that no registry of Python packages carries: where, and how they come.

`make test` brings what is absent, without root: Debian's packages, unpacked into a cache of their own. A test
names what it needs with `@pytest.mark.needs("promtool")`; where that can't be had it is skipped and told,
except in CI.
"""
