"""What bytes each token of a byte-level tokenizer stands for."""

from __future__ import annotations

from typing import Any


def token_bytes(tokenizer: Any, count: int) -> list[bytes]:
    """The bytes of tokens 0 to ``count`` - 1 of a Hugging Face tokenizer; none for special tokens.

    A byte-level tokenizer writes bytes as printable characters: itself where it is one, else the characters from
    U+0100 on, in order (Radford et al., GPT-2).
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in printable]
    byte_of = {chr(byte): byte for byte in printable} | {chr(0x100 + i): byte for i, byte in enumerate(hidden)}
    special = tokenizer.get_added_tokens_decoder()
    written = (None if token in special else tokenizer.id_to_token(token) for token in range(count))
    return [bytes(byte_of.get(char, 0) for char in text or "") for text in written]
