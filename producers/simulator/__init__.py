"""The simulator: a seeded month of all agencies whose rates meet the published figures, and a live stream."""

from producers.simulator.figures import TARGETS, Share
from producers.simulator.live import live, paced
from producers.simulator.message import Message
from producers.simulator.plan import AgencyPlan, Plan, make_plan
from producers.simulator.scenario import play, simulate
from producers.simulator.sending import Sender, send

__all__ = [
    "TARGETS",
    "AgencyPlan",
    "Message",
    "Plan",
    "Sender",
    "Share",
    "live",
    "make_plan",
    "paced",
    "play",
    "send",
    "simulate",
]
