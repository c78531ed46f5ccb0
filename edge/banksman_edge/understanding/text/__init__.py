from banksman_edge.understanding.text.language import Language, language_of
from banksman_edge.understanding.text.numbers import NumberReader
from banksman_edge.understanding.text.tokens import BREAK, CALLED_OUT, UNSPACED, Tokens, tokens_of, words_of

__all__ = [
    "BREAK",
    "CALLED_OUT",
    "UNSPACED",
    "Language",
    "NumberReader",
    "Tokens",
    "language_of",
    "tokens_of",
    "words_of",
]
