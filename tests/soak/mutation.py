"""Payloads as nobody should send them."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

from corpus import Corpus

DEEP = (
    b"[" * 50_000,
    b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    b'{"nodes":' + b"[" * 900 + b"]" * 900 + b"}",
)
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**70), 10**40, 1e308, -1e308, 1e-320, 0.1, "", "A", "one", "\x00",
    "a" * 300, "9999-99-99T99:99:99Z", "2023-11-14T22:13:20.000Z", "\ud83d", "ÿ", "NaN", "HARD", "FINISHED",
    "AUTOMATIC", [], {}, [None], [[]], {"": ""}, [0] * 50, {"x": 1e9, "y": -1e9}, "RELEASE", "initPosition",
)  # fmt: skip


class Mutator:
    """An endless source of payloads for a topic; the seed decides which."""

    def __init__(self, corpus: Corpus, seed: str, *, huge: bool = True) -> None:
        self._chance = random.Random(seed)
        self._corpus = corpus
        self._documents = {topic: [json.loads(p) for p in payloads] for topic, payloads in corpus.items()}
        self._texts = {topic: [json.dumps(d) for d in documents] for topic, documents in self._documents.items()}
        self._all = [payload for payloads in corpus.values() for payload in payloads]
        self._count = 0
        ways: list[tuple[Callable[[str], bytes], int]] = [
            (self._noise, 6),
            (self._of_another_topic, 3),
            (self._damaged, 20),
            (self._changed, 45),
            (self._as_it_should_be, 25),
        ]
        self._ways = [way for way, weight in ways for _ in range(weight)]
        self._huge_every = 1500 if huge else 0

    def payload(self, topic: str) -> bytes:
        self._count += 1
        if self._huge_every and self._count % self._huge_every == 0:
            return self._enormous(topic)
        return self._chance.choice(self._ways)(topic)

    def _noise(self, _topic: str) -> bytes:
        return self._chance.randbytes(self._chance.randrange(300))

    def _of_another_topic(self, _topic: str) -> bytes:
        return self._chance.choice(self._all)

    def _damaged(self, topic: str) -> bytes:
        """Cut short, or with some bytes that are others."""
        payload = bytearray(self._chance.choice(self._corpus[topic]))
        if self._chance.random() < 0.3:
            return bytes(payload[: self._chance.randrange(len(payload))])
        for _ in range(self._chance.randint(1, 4)):
            payload[self._chance.randrange(len(payload))] = self._chance.randrange(256)
        return bytes(payload)

    def _as_it_should_be(self, topic: str) -> bytes:
        """A good one, with ids that nobody knows yet, so that it is worked on."""
        fresh = str(self._count)
        text = self._chance.choice(self._texts[topic])
        document = json.loads(text)
        document["headerId"] = self._count
        if "orderId" in document and self._chance.random() < 0.5:
            document["orderId"] = fresh
        for action in document.get("actions", ()):
            action["actionId"] = f"{action['actionType']}-{fresh}"
        if "zoneSet" in document and self._chance.random() < 0.5:
            document["zoneSet"]["zoneSetId"] = fresh
        return json.dumps(document).encode()

    def _changed(self, topic: str) -> bytes:
        """A good one with some of its values changed, dropped, doubled, or joined by unknown ones."""
        document = json.loads(self._chance.choice(self._texts[topic]))
        for _ in range(self._chance.randint(1, 3)):
            self._change(document)
        return json.dumps(document, ensure_ascii=self._chance.random() < 0.9).encode(errors="surrogatepass")

    def _change(self, document: Any) -> None:
        chance, inner = self._chance, document
        while True:
            keys: list[Any] = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
            if not keys:
                break
            key = chance.choice(keys)
            if isinstance(inner[key], dict | list) and inner[key] and chance.random() < 0.75:
                inner = inner[key]
                continue
            self._alter(inner, key)
            return
        if isinstance(inner, list):
            inner.append(self._odd())
        else:
            inner["odd"] = self._odd()

    def _alter(self, inner: Any, key: Any) -> None:
        chance = self._chance
        what = chance.randrange(6)
        if what == 0:
            del inner[key]
        elif what == 1 and isinstance(inner, list):
            inner.extend(copy.deepcopy(inner[key]) for _ in range(chance.randrange(1, 40)))
        elif what == 2 and isinstance(inner, dict):
            inner[f"x{chance.randrange(1000)}"] = self._odd()
        elif what == 3 and isinstance(inner[key], int | float):
            inner[key] = inner[key] * chance.choice((-1, 10, 1e6, 0.999)) + chance.choice((0, 1, -1))
        else:
            inner[key] = self._odd()

    def _odd(self) -> Any:
        return copy.deepcopy(self._chance.choice(ODD))

    def _enormous(self, topic: str) -> bytes:
        chance = self._chance
        if chance.random() < 0.3:
            return chance.choice(DEEP)
        document = json.loads(chance.choice(self._texts[topic]))
        lists = [key for key, value in document.items() if isinstance(value, list) and value]
        if lists:
            key = chance.choice(lists)
            document[key] = document[key] * 3000
        else:
            document["odd"] = "long" * 200_000
        return json.dumps(document).encode()
