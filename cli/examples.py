"""Two uses of every command, as its `--help` shows them."""

EXAMPLES: dict[str, tuple[str, str]] = {
    "up": ("emc up", "emc up --data-dir /srv/emc --port 8080"),
    "demo": ("emc demo --data-dir demo", "emc demo --data-dir demo --scale 0.1 --once"),
    "worker": (
        "emc worker --kafka kafka:9092 --clickhouse http://worker@clickhouse:8123/emc",
        "emc worker --kafka kafka:9092 --clickhouse http://worker@clickhouse:8123/emc --port 8002",
    ),
    "api": (
        "emc api --kafka kafka:9092 --clickhouse http://api@clickhouse:8123/emc",
        "emc api --kafka kafka:9092 --clickhouse http://api@clickhouse:8123/emc --host 0.0.0.0 --port 8000",
    ),
    "gateway": (
        "emc gateway --kafka kafka:9092 --clickhouse http://gateway@clickhouse:8123/emc",
        "emc gateway --kafka kafka:9092 --clickhouse http://gateway@clickhouse:8123/emc --port 8010",
    ),
    "simulate": ("emc simulate --scale 0.1", "emc simulate --live --rate 20"),
    "import": (
        "emc import nightly.json --agency H26 --format dossier-sync --dry-run",
        "emc import export.xlsx --agency H26 --format xlsx --mapping map.toml --rejects mend.csv",
    ),
    "imports list": ("emc imports list --agency H26", "emc imports list --format csv > imports.csv"),
    "imports show": ("emc imports show 20260302T0800-1", "emc imports show 20260302T0800-1 --json"),
    "mapping suggest": (
        "emc mapping suggest export.xlsx > map.toml",
        "emc mapping suggest catalogue.csv --kind procedures > catalogue.toml",
    ),
    "mapping check": ("emc mapping check map.toml", "emc mapping check map.toml export.xlsx"),
    "rates": (
        "emc rates --agency H26 --start 2026-03-01",
        "emc rates --group national --metric data_reuse --from 2026-01-01 --to 2026-06-01 --format csv",
    ),
    "dossiers": (
        "emc dossiers --metric data_reuse --agency H26 --start 2026-03-01 --missing",
        "emc dossiers --metric on_time --agency H26 --start 2026-03-01 --columns dossier,reason",
    ),
    "explain": ("emc explain H26.16-260305-0007", "emc explain H26.16-260305-0007 --json"),
    "why": (
        "emc why --metric data_reuse --agency H26 --from 2026-02-01 --to 2026-03-01",
        "emc why --metric on_time --agency H26 --from 2026-02-01 --to 2026-03-01 --by unit",
    ),
    "definitions": ("emc definitions data_reuse", "emc definitions --columns metric,name,source"),
    "agencies": ('emc agencies "bac ninh"', "emc agencies --columns agency,name --format csv"),
    "registry list": ("emc registry list", "EMC_REGISTRY=/etc/emc/registry emc registry list --json"),
    "registry check": ("emc registry check", "EMC_REGISTRY=/etc/emc/registry emc registry check"),
    "registry explain": ("emc registry explain H26", "emc registry explain H26 --source G09/business"),
    "check": ("emc check event.json", "emc check events.jsonl --columns place,reason,path"),
    "rejections list": (
        "emc rejections list --agency H26 --group",
        "emc rejections list --agency H26 --limit 1000 --columns place,subject,reason,path",
    ),
    "rejections show": ("emc rejections show 3:81723:4", "emc rejections show 3:81723:4 --raw > event.json"),
    "rejections replay": (
        "emc rejections replay 3:81723:4 --with event.json",
        "emc rejections replay --reason unknown_agency --since 2026-03-01T00:00:00+07:00 --dry-run",
    ),
    "sources": ("emc sources", "emc sources --agency H26 --by-metric"),
    "incidents add": (
        'emc incidents add "no data: fibre cut" --agency H26 --from 2026-11-20 --to 2026-11-22',
        'emc incidents add "the national platform is down" --agency all --from 2026-11-28T08:00:00+07:00',
    ),
    "incidents list": ("emc incidents list", "emc incidents list --agency H26 --json"),
    "incidents end": ("emc incidents end 7f3a", "emc incidents end 7f3a --at 2026-11-22"),
    "incidents remove": ("emc incidents remove 7f3a", "emc incidents remove 7f3a --json"),
    "reconcile": (
        "emc reconcile ours.csv --agency H26 --start 2026-03-01",
        "emc reconcile totals.csv --agency H26 --period quarter --start 2026-01-01 --json",
    ),
    "objections list": ("emc objections list --status open", "emc objections list --agency H26 --format csv"),
    "objections show": ("emc objections show 5f21", "emc objections show 5f21 --json"),
    "objections answer": (
        'emc objections answer 5f21 "send the receipts of 5 March" --decision needs_data',
        'emc objections answer 5f21 "counted since today" --decision accepted --event 2026-03-06-17',
    ),
    "objections blot-out": (
        "emc objections blot-out 5f21 77ab",
        "emc objections blot-out 5f21 77ab --data-dir /srv/emc",
    ),
    "snapshots create": (
        'emc snapshots create "March, final" --start 2026-03-01',
        'emc snapshots create "Q1" --period quarter --start 2026-01-01 --metric data_reuse',
    ),
    "snapshots list": ("emc snapshots list", "emc snapshots list --json"),
    "snapshots show": ("emc snapshots show 9c41", "emc snapshots show 9c41 --agency H26 --format csv"),
    "warnings": (
        "emc warnings --agency H26",
        "emc warnings --agency H26 --source /agencies/H26/one-stop --columns warning,dossiers",
    ),
    "audit": ("emc audit", "emc audit --json"),
    "token create": (
        "emc token create --name one-stop --agency H26 --scope events:write,rates:read --expires 90d",
        "emc token create --name prometheus --operator --scope admin --json",
    ),
    "token list": ("emc token list", "emc token list --columns id,name,expires_at"),
    "token revoke": ("emc token revoke 5d0c", "emc token revoke 5d0c --json"),
    "rebuild": ("emc rebuild --from-topic", "emc rebuild --from-events --data-dir data"),
    "erase": ("emc erase H26.16-260305-0007", "emc erase H26.16-260305-0007 --backup backups/1 --yes"),
    "backup": ("emc backup backups/1", "emc backup backups/1 --clickhouse http://backup@clickhouse:8123/emc"),
    "restore": ("emc restore backups/1 --data-dir new", "emc restore backups/1 --replace"),
    "migrate": ("emc migrate --check", "emc migrate --clickhouse http://worker@clickhouse:8123/emc"),
    "topics": (
        "emc topics --kafka kafka:9092 --partitions 12 --replication 3",
        "emc topics --kafka kafka:9092 --rejected-retention-days 30 --alter",
    ),
    "status": ("emc status", "emc status --api https://emc.example --json"),
    "version": ("emc version", "emc version --json"),
    "doctor": (
        "emc doctor",
        "emc doctor --kafka kafka:9092 --clickhouse http://worker@clickhouse:8123/emc --send",
    ),
    "dashboards publish": (
        "emc dashboards publish --grafana http://admin:admin@127.0.0.1:3000 --dry-run",
        "emc dashboards publish --clickhouse http://127.0.0.1:8123/emc --prometheus http://127.0.0.1:9090",
    ),
    "dashboards diff": (
        "emc dashboards diff --grafana http://admin:admin@127.0.0.1:3000",
        "emc dashboards diff --grafana http://admin:admin@127.0.0.1:3000 --json",
    ),
    "dashboards export": (
        "emc dashboards export deploy/grafana",
        "emc dashboards export grafana --clickhouse http://127.0.0.1:8123/emc",
    ),
    "alerts export": (
        "emc alerts export monitoring --target 127.0.0.1:8000",
        "emc alerts export deploy",
    ),
}
