"""A model that was never taught this work, such as an instruct model of one's own: it is told in its prompt.

It answers in the same lines as one that was taught, about the same tags, so that it can invent as little; it is
slower, and less often right (``banksman bench understanding``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from banksman_edge.understanding.entities.mention import Mention, What
from banksman_edge.understanding.reader.lines import grammar_of
from banksman_edge.understanding.reader.tagged import Tagged, tagged
from banksman_edge.understanding.text.tokens import words_of
from banksman_shared.errors import LanguageModelError
from banksman_shared.models.engine import Answer, Engine

SYSTEM = (
    "You translate what a worker says into one line for the vehicles of a warehouse. "
    "V1, V2 are vehicles; G1 a group of them; K1 a kind of vehicle; P1, P2 are places. "
    "Lines: 'move WHO to P1' (drive there without a load), 'transport WHO from P1 to P2' (carry a load), "
    "'pick WHO to P1' (take a load there), 'drop WHO to P1' (put a load down there), 'charge WHO', 'park WHO', "
    "'stop WHO', 'resume WHO', 'cancel WHO', 'status WHO' (a question about a vehicle). WHO is what was named, "
    "'all', or 'any' when nobody was named. Two orders in sequence: two lines joined by ' ; '. "
    "'plan': amounts of several loads, deadlines, conditions, keeping something free, clearing a place. "
    "'none': talk that is no order to a vehicle, stories, the past, questions about people, home or weather."
)

EXAMPLES: tuple[tuple[str, str], ...] = (
    ("could you bring V1 over to P1 when you have a second", "move V1 to P1"),
    ("i was at P1 yesterday with my brother", "none"),
    ("V1 would you mind fetching that box out of P1 and getting it across to P2", "transport V1 from P1 to P2"),
    ("we need a pallet brought over to P1", "transport any to P1"),
    ("move seven pallets from P1 to P2 before noon", "plan"),
    ("il faudrait que V1 passe du côté de P1", "move V1 to P1"),
    ("estaría bien que V1 se fuera a cargar ya", "charge V1"),
    ("V1 mag die Ware bei P1 mal abholen", "pick V1 to P1"),
    ("if P1 is full put everything into P2", "plan"),
    ("wie lange hält V1 noch durch", "status V1"),
    ("P1 の 荷物 を P2 まで お願い", "transport any from P1 to P2"),
    ("the driver of K1 was late today", "none"),
    ("V1 马上到 P1 那边看看", "move V1 to P1"),
    ("preciso do V1 em P1", "move V1 to P1"),
    ("V1 get yourself to P1 and after that grab the crate at P2", "move V1 to P1 ; pick V1 to P2"),
    ("nobody goes through P1 until five and empty P2", "plan"),
    ("puoi far arrivare un bancale a P1", "transport any to P1"),
    ("P1 was closed last week", "none"),
    ("V1 P1 पर सामान छोड़ दो", "drop V1 to P1"),
    ("K1 have all had enough for today", "park K1"),
    ("let V1 go on with what it was doing", "resume V1"),
    ("a porta de P1 ficou aberta", "none"),
)


class PromptedReader:
    """An instruct model with instructions and examples in its prompt, which is evaluated once. ``languages``: it was
    taught none of them this work.

    Raises:
        LanguageModelError: the file cannot be loaded or is no instruct model.
    """

    languages: frozenset[str] = frozenset()

    def __init__(self, path: Path, *, threads: int | None = None, gpu_layers: int = -1) -> None:
        self._engine = Engine(path, threads=threads, gpu_layers=gpu_layers)
        template = self._engine.chat_template
        if template is None:
            raise LanguageModelError(f"language model {path} has no chat template; use an instruct model")
        begin, end = map(self._engine.piece, self._engine.ends)
        self._format = Jinja2ChatFormatter(template, eos_token=end, bos_token=begin)
        self._turns: list[dict[str, str]] = [{"role": "system", "content": SYSTEM}]
        for sentence, line in EXAMPLES:
            self._turns += [{"role": "user", "content": sentence}, {"role": "assistant", "content": line}]

    def warm_up(self) -> None:
        """Evaluate the instructions now, so that the first order does not wait for them."""
        self.answer(tagged(words_of("V"), (Mention(What.VEHICLE, ("",), 0, 1, 1.0, "V"),)))

    def answer(self, sentence: Tagged) -> Answer:
        """See :class:`~banksman_edge.understanding.reader.reader.Reader`."""
        messages: Any = [*self._turns, {"role": "user", "content": sentence.text}]
        prompt: str = self._format(messages=messages).prompt
        return self._engine.answer(self._engine.tokens(prompt, special=True), grammar_of(sentence))
