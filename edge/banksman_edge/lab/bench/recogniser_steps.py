"""Who listens: the steps of the recogniser that are measured one beside the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from banksman_edge.app import load_recogniser
from banksman_edge.asr import Recogniser, WhisperRecogniser
from banksman_shared.models import ModelStore
from banksman_shared.site import Site

WITH_WORDS = ", with the site's words"


@dataclass(frozen=True, slots=True)
class Step:
    """A Whisper model, with the site's words or without."""

    model: str
    words: bool

    @property
    def name(self) -> str:
        return f"{self.model}{WITH_WORDS if self.words else ''}"

    def load(self, site: Site, threads: int) -> Recogniser:
        """Raises:
        ModelError: the model is not here and cannot be fetched.
        RecogniserError: the folder is no model that can be used.
        """
        if self.words:
            return load_recogniser(site, self.model, threads=threads)
        plain = WhisperRecogniser(ModelStore().path(self.model), site.languages, threads=threads)
        plain.warm_up()
        return plain


def steps(models: Sequence[str]) -> Iterator[Step]:
    """Every model as it is, then every model with the site's words."""
    yield from (Step(model, words) for words in (False, True) for model in dict.fromkeys(models))
