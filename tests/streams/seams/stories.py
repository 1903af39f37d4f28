"""The stories that are recorded: what can happen to an owner of partitions, always in the same order."""

from tests.streams.seams.log import Log
from tests.streams.seams.stream import Stream

ALL = range(12)
MORNING, NOON = "2026-06-14T10:00:00+07:00", "2026-06-14T12:00:00+07:00"


def batches_in_order(stream: Stream) -> None:
    """Refused events, wrong partitions, batches of a day; then a restart that trusts the local store."""
    stream.at(MORNING)
    log = Log(1)
    stream.take_over(ALL, log)
    first, second, third, fourth = log.batches(4)
    stream.batch(first)
    stream.renew()
    stream.batch(second)
    stream.check()
    stream.restart()
    stream.at(NOON)
    stream.take_over(ALL, log)
    stream.batch(third)
    stream.restart(lost=True)
    stream.take_over(ALL, log)
    stream.batch(fourth)


def another_day(stream: Stream) -> None:
    """Days end between batches, within one, and while nothing arrives."""
    stream.at(MORNING)
    log = Log(2)
    stream.take_over(ALL, log)
    first, second, third, fourth = log.batches(4)
    stream.batch(first)
    stream.at("2026-06-15T00:00:01+07:00")
    stream.renew()
    stream.batch(second)
    stream.at("2026-07-01T00:10:00+07:00")
    stream.batch(third)
    stream.at("2026-06-30T23:50:00+07:00")
    stream.check()
    stream.batch(fourth)
    stream.renew()
    stream.at("2027-01-01T06:00:00+07:00")
    stream.renew()


def a_batch_again(stream: Stream) -> None:
    """A batch broken off is read again; ClickHouse does not answer amid one; a batch repeats another."""
    stream.at(MORNING)
    log = Log(3)
    stream.take_over(ALL, log)
    first, second, third = log.batches(3)
    stream.batch(first)
    stream.broken_off(second)
    stream.take_over(ALL, log)
    stream._recorder.fail("rates")
    stream.batch(second)
    stream._recorder.fail("positions")
    stream.batch(second)
    stream.batch(third)


def wrong_tables(stream: Stream) -> None:
    """What the tables hold otherwise is mended: by a rebuild, after a late write, for the audit."""
    stream.at(MORNING)
    log = Log(4)
    stream.take_over(ALL, log)
    first, second, third = log.batches(3)
    stream.batch(first)
    stream.change("ALTER TABLE tallies UPDATE dossiers = dossiers + 1 WHERE agency = 'H25'")
    stream.change("ALTER TABLE rates UPDATE numerator = numerator + 1 WHERE agency = 'H42'")
    stream.restart(lost=True)
    stream.take_over(ALL, log)
    stream.batch(second)
    stream.change(
        "INSERT INTO tallies SELECT * REPLACE (dossiers + 5 AS dossiers, version + 9 AS version)"
        " FROM tallies FINAL WHERE agency = 'G12' AND attribution = 'receipt'"
    )
    stream.check()
    stream.pass_seconds(9)
    for _ in range(20):
        stream.check()
    stream.change(
        "INSERT INTO commits SELECT * REPLACE (version + 9 AS version) FROM commits FINAL"
        " WHERE agency = 'H25'"
    )
    stream.check()
    stream.change(
        "INSERT INTO rates SELECT * REPLACE (numerator + 5 AS numerator, version + 9 AS version)"
        " FROM rates FINAL WHERE agency = 'H42'"
    )
    for agency in ("H42", "H26", "G12"):
        stream.mend(agency, only_unfinished=True)
    stream.mend("G12", only_unfinished=False)
    stream.batch(third)


def heirs(stream: Stream) -> None:
    """Partitions come and go, become more, and the topic is created anew; each owner holds another part."""
    stream.at(MORNING)
    log = Log(5)
    first, second, third = log.batches(3)
    stream.take_over(ALL[:6], log)
    stream.batch({n: found for n, found in first.items() if n < 6})
    stream.take_over(ALL[3:], log)
    stream.batch({n: found for n, found in first.items() if n >= 6})
    stream.take_over(ALL, log)
    stream.batch(second)
    stream.batch(third)
    more = Log(6, partitions=16, start=NOON)
    stream.take_over(range(16), more)
    for batch in more.batches(2):
        stream.batch(batch)
    anew = Log(7, partitions=4, topic_id="second", start=NOON)
    stream.at(NOON)
    stream.take_over(range(4), anew)
    for batch in anew.batches(2):
        stream.batch(batch)


def state_lost(stream: Stream) -> None:
    """The local store contradicts itself amid a batch; ClickHouse is put back behind the worker."""
    stream.at(MORNING)
    log = Log(8)
    stream.take_over(ALL, log)
    first, second, third = log.batches(3)
    stream.batch(first)
    stream.change("CREATE TABLE saved_commits CLONE AS commits")
    stream.lose_cell("H25")
    stream.batch(second)
    stream.change("EXCHANGE TABLES commits AND saved_commits")
    stream.put_back(third)
    stream.take_over(ALL, log)
    stream.batch(second)
    stream.batch(third)


STORIES = (batches_in_order, another_day, a_batch_again, wrong_tables, heirs, state_lost)
