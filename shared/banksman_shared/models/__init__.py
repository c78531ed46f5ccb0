"""The models: which there are, and how one gets from a package, a path or a hub to a file that can be loaded."""

from banksman_shared.models.assembly import Progress
from banksman_shared.models.catalogue import CATALOGUE, CatalogueModel, ModelFile, ModelKind, Part
from banksman_shared.models.defaults import (
    DEFAULT_MODELS,
    TAUGHT_LLAMA,
    UNTAUGHT_LLAMA,
    default_whisper,
    models_for,
)
from banksman_shared.models.store import ModelState, ModelStore

__all__ = [
    "CATALOGUE",
    "DEFAULT_MODELS",
    "TAUGHT_LLAMA",
    "UNTAUGHT_LLAMA",
    "CatalogueModel",
    "ModelFile",
    "ModelKind",
    "ModelState",
    "ModelStore",
    "Part",
    "Progress",
    "default_whisper",
    "models_for",
]
