"""Numbers as Prometheus' templates write them, to say what a summary must read."""


def humanize(value: float) -> str:
    """As `humanize`: four significant digits and a metric prefix."""
    prefixes = iter(("", "k", "M", "G", "T"))
    prefix = next(prefixes)
    while abs(value) >= 1000:
        value, prefix = value / 1000, next(prefixes)
    return f"{value:.4g}{prefix}"


def percentage(value: float) -> str:
    """As `humanizePercentage`."""
    return f"{value * 100:.4g}%"


def duration(value: float) -> str:
    """As `humanizeDuration`, from one second on."""
    days, rest = divmod(int(value), 86400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    if days:
        return f"{days}d {hours}h {minutes}m {rest}s"
    if hours:
        return f"{hours}h {minutes}m {rest}s"
    return f"{minutes}m {rest}s" if minutes else f"{rest}s"
