"""The simulator: a seeded month of all agencies whose rates meet the published figures, and a live stream."""

from producers.simulator.live import live, paced
from producers.simulator.message import Message
from producers.simulator.plan import AgencyPlan, Plan, make_plan
from producers.simulator.scenario import play, simulate

__all__ = ["AgencyPlan", "Message", "Plan", "live", "make_plan", "paced", "play", "simulate"]
