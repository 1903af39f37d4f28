"""`emc up`: the whole monitor in the foreground."""

from pathlib import Path

import click

from cli import options, printing
from cli.runtime import logs, starting, stopping


@click.command
@options.data_dir
@options.kafka_port
@options.usual_port
@options.host
@options.clickhouse_port
@options.log_level
def up(data_dir: Path, kafka_port: int, port: int, host: str, clickhouse_port: int, log_level: str) -> int:
    """Run broker, worker and API of a data directory until Ctrl-C.

    When ready it prints one line, {"kafka": "127.0.0.1:…", "api": "http://127.0.0.1:…", "clickhouse": …};
    its log goes to stderr, and so does a link that signs an agency in once, and what a start waits for that
    takes its time. The last is ClickHouse's HTTP interface, to read only. A second Ctrl-C ends it at once;
    nothing is lost by that.
    """
    from cli.runtime.service import Service  # loads stream and engine, which takes a while
    from cli.runtime.usual_ports import listening

    logs.set_up(log_level)

    place = listening(data_dir, "up", host, port=port, kafka_port=kafka_port, clickhouse_port=clickhouse_port)

    async def serve(stop: stopping.Stop) -> int:
        service = Service(data_dir, "up", place)
        try:
            async with starting.told() as begins:
                await stop.unless(service.start(begins))
            printing.line(service.addresses._asdict())
            printing.say(f"The board is at {service.addresses.api}/", err=True)
            printing.say(f"As an agency, once: {service.sign_in_link()}", err=True)
            await stop.wait()
        finally:
            await service.stop()
        return 0

    return stopping.run(serve)
