"""Traffic control: who may drive where, so that vehicles neither meet head-on nor wait for each other in a circle.

Courses are planned one after the other, each the earliest way through the gaps that the ones before it leave (context
aware route planning, ter Mors 2010), and driven in the order that this fixed on every node, whatever the delays.
"""

from banksman_edge.fleet.traffic.booking import Origin, course_along
from banksman_edge.fleet.traffic.occupancy import Mover
from banksman_edge.fleet.traffic.timetable import Course, Goal, Trip
from banksman_edge.fleet.traffic.traffic import Blocked, Traffic

__all__ = ["Blocked", "Course", "Goal", "Mover", "Origin", "Traffic", "Trip", "course_along"]
