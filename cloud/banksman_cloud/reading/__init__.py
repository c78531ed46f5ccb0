"""Reading requests for plans with a small model that was taught this work: tags in, one line of goals out."""

from banksman_cloud.reading.clocks import Clocks
from banksman_cloud.reading.condition_finder import LIMITS, conditions, may_say
from banksman_cloud.reading.consistency import contradictions
from banksman_cloud.reading.coverage import Unsaid, unsaid, with_neighbours
from banksman_cloud.reading.cue_words import UNSPACED, cues, speaks_for, spoken_fields
from banksman_cloud.reading.figure_coverage import figures_of, unheard
from banksman_cloud.reading.figure_finder import Figure, Figures, figures
from banksman_cloud.reading.goals import (
    NO_WORK,
    check_amount,
    check_goals,
    cite,
    guessed,
    load_types,
    named_in,
    read_goals,
    stretch,
)
from banksman_cloud.reading.goals_of_line import goals_of, line_of
from banksman_cloud.reading.line_grammar import grammar_of
from banksman_cloud.reading.nameable import heard_places, lacking
from banksman_cloud.reading.named_coverage import unproved
from banksman_cloud.reading.names import (
    describe_names,
    heard_as,
    members,
    places_meant,
    said_in,
    selector,
    stands,
    types_said,
)
from banksman_cloud.reading.numerals import Tokens, tokens_of
from banksman_cloud.reading.resolving import settle
from banksman_cloud.reading.tagging import Tag, TaggedRequest, tagged

__all__ = [
    "LIMITS",
    "NO_WORK",
    "UNSPACED",
    "Clocks",
    "Figure",
    "Figures",
    "Tag",
    "TaggedRequest",
    "Tokens",
    "Unsaid",
    "check_amount",
    "check_goals",
    "cite",
    "conditions",
    "contradictions",
    "cues",
    "describe_names",
    "figures",
    "figures_of",
    "goals_of",
    "grammar_of",
    "guessed",
    "heard_as",
    "heard_places",
    "lacking",
    "line_of",
    "load_types",
    "may_say",
    "members",
    "named_in",
    "places_meant",
    "read_goals",
    "said_in",
    "selector",
    "settle",
    "speaks_for",
    "spoken_fields",
    "stands",
    "stretch",
    "tagged",
    "tokens_of",
    "types_said",
    "unheard",
    "unproved",
    "unsaid",
    "with_neighbours",
]
