"""Alertmanager's routing: who is told, when, and which alerts hide others."""

from datetime import date, timedelta

from dashboards.alerts.form import Holiday, Mail, Receiver, Thresholds
from dashboards.alerts.thresholds import weekdays_of

ZONE = "Asia/Ho_Chi_Minh"
WORKING, HOLIDAYS = "working-hours", "holidays"
Config = dict[str, object]


def alertmanager_config(thresholds: Thresholds) -> Config:
    """The whole of alertmanager.yml."""
    config: Config = {"global": _mail(thresholds.mail)} if thresholds.mail is not None else {}
    return config | {
        "route": _route(thresholds),
        "inhibit_rules": _inhibitions(),
        "receivers": _receivers(thresholds),
        "time_intervals": _intervals(thresholds),
    }


def _route(thresholds: Thresholds) -> Config:
    """Watchdog, agencies, tickets, pages. Muting is not inherited, so every leaf has its own."""
    pace = thresholds.pace
    at_work: Config = {"active_time_intervals": [WORKING]}
    if thresholds.holidays:
        at_work["mute_time_intervals"] = [HOLIDAYS]
    agencies: list[Config] = [
        {"matchers": [f'agency="{code}"'], "receiver": receiver_of(code), "continue": True} | at_work
        for code in sorted(thresholds.agencies)
    ]
    return {
        "receiver": "operators",
        "group_by": ["alertname"],
        "group_wait": pace.group_wait,
        "group_interval": pace.group_interval,
        "repeat_interval": pace.repeat_interval,
        "routes": [
            {
                "matchers": ['scope="watchdog"'],
                "receiver": "watchdog",
                "group_wait": "0s",
                "group_interval": pace.watchdog_interval,
                "repeat_interval": pace.watchdog_interval,
            },
            {
                "matchers": ['scope="agency"'],
                "group_by": ["agency"],
                "receiver": "operators",
                "routes": [*agencies, {"receiver": "operators"} | at_work],
            },
            {"matchers": ['severity="ticket"'], "receiver": "operators"} | at_work,
            {
                "matchers": ['severity="page"'],
                "receiver": "on-call",
                "repeat_interval": pace.page_repeat_interval,
            },
        ],
    }


def _inhibitions() -> list[Config]:
    return [
        {"source_matchers": ['hides="agency"'], "target_matchers": ['scope="agency"']},
        {
            "source_matchers": ['alertname="SourceBroken"'],
            "target_matchers": ['alertname="RejectionsHigh"'],
            "equal": ["agency"],
        },
        {
            "source_matchers": ['alertname="DiskFull"'],
            "target_matchers": ['alertname="DiskFilling"'],
            "equal": ["disk"],
        },
    ]


def receiver_of(agency: str) -> str:
    """The name of an agency's own receiver."""
    return f"agency-{agency}"


def _receivers(thresholds: Thresholds) -> list[Config]:
    given = thresholds.receivers
    named = {"operators": given.operators, "on-call": given.on_call}
    named |= {receiver_of(code): receiver for code, receiver in sorted(thresholds.agencies.items())}
    receivers = [_receiver(name, receiver, resolved=True) for name, receiver in named.items()]
    return [*receivers, _receiver("watchdog", given.watchdog, resolved=False)]


def _receiver(name: str, receiver: Receiver, resolved: bool) -> Config:
    config: Config = {"name": name}
    if receiver.webhook is not None:
        config["webhook_configs"] = [{"url": receiver.webhook, "send_resolved": resolved}]
    if receiver.email is not None:
        config["email_configs"] = [{"to": receiver.email, "send_resolved": resolved}]
    return config


def _mail(mail: Mail) -> Config:
    config: Config = {"smtp_smarthost": mail.smarthost, "smtp_from": mail.from_}
    if mail.username is not None:
        config["smtp_auth_username"] = mail.username
    if mail.password_file is not None:
        config["smtp_auth_password_file"] = mail.password_file
    return config


def _intervals(thresholds: Thresholds) -> list[Config]:
    hours = thresholds.working_hours
    working: Config = {
        "weekdays": list(weekdays_of(hours.weekdays)),
        "times": [{"start_time": hours.from_, "end_time": hours.to}],
        "location": ZONE,
    }
    intervals: list[Config] = [{"name": WORKING, "time_intervals": [working]}]
    if thresholds.holidays:
        spans = [span for holiday in thresholds.holidays for span in _spans(holiday)]
        intervals.append({"name": HOLIDAYS, "time_intervals": spans})
    return intervals


def _spans(holiday: Holiday) -> list[Config]:
    """The holiday by month, as Alertmanager wants its days."""
    spans: list[Config] = []
    first = holiday.from_
    while first <= holiday.to:
        last = min(holiday.to, _end_of_month(first))
        spans.append(
            {
                "years": [str(first.year)],
                "months": [str(first.month)],
                "days_of_month": [f"{first.day}:{last.day}"],
                "location": ZONE,
            }
        )
        first = last + timedelta(days=1)
    return spans


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
