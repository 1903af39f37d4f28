"""The simulator: a seeded month of all agencies whose rates meet the published figures, and a live stream."""

from producers.simulator.message import Message
from producers.simulator.plan import AgencyPlan, Plan, make_plan
from producers.simulator.scenario import play, simulate

__all__ = ["AgencyPlan", "Message", "Plan", "make_plan", "play", "simulate"]
