"""For whom dossiers count, as chosen: the agency in the code, or the one that settles them."""

SETTLED = "('${counted_for}' = 'settled')"


def rates_where(condition: str) -> str:
    """Rows of `rates` under a condition on its columns, as they count for whom is chosen.

    By settler what others settle of an agency is taken from it and given to them, and coverage says nothing.
    """
    columns = "metric, definition, period, start"
    numbers = "toInt64(numerator) AS numerator, toInt64(denominator) AS denominator"
    return f"""
        SELECT agency, {columns}, {numbers},
            if({SETTLED}, 0, counted) AS counted, if({SETTLED}, 0, declared) AS declared
        FROM rates FINAL WHERE {condition}
        UNION ALL
        SELECT settler AS agency, {columns}, {numbers}, 0 AS counted, 0 AS declared
        FROM settled FINAL WHERE {SETTLED} AND {condition}
        UNION ALL
        SELECT agency, {columns}, -toInt64(numerator) AS numerator, -toInt64(denominator) AS denominator,
            0 AS counted, 0 AS declared
        FROM settled FINAL WHERE {SETTLED} AND {condition}
    """


def mine(members: str) -> str:
    """Condition on `dossiers`: they count for one of these agencies (a list or a query in brackets)."""
    return f"(NOT {SETTLED} AND agency IN {members} OR {SETTLED} AND settler IN {members})"
