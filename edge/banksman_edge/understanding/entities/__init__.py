from banksman_edge.understanding.entities.finder import EntityFinder
from banksman_edge.understanding.entities.mention import Mention, What, kind_of_place
from banksman_edge.understanding.entities.names import SIMILAR

__all__ = ["SIMILAR", "EntityFinder", "Mention", "What", "kind_of_place"]
