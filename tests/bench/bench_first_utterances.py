"""Whether the first utterances after a start are as fast as later ones, on sites of 1, 3 and 13 languages.

    python tests/bench/bench_first_utterances.py [--rounds 20]

An agent with simulated vehicles on a broker is started in a process of its own, twice: as it is, and with a reader
that has read nothing before. Prints, for a stop, an order and a question in writing, milliseconds until they were
answered: the first one, the median of later ones, and their ratio.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import time
from pathlib import Path

from banksman_edge import Agent
from banksman_edge.app.build import Settings, load_reader
from banksman_edge.lab.simulated_fleet import simulator
from banksman_edge.understanding import Pipeline
from banksman_shared.broker import broker
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import load_site

DATA = Path(__file__).parents[1] / "data"
SITES = (DATA / "own" / "5" / "en", DATA / "others" / "pharma", DATA / "eval" / "hospital")
ROW = "{:<14} {:>9} {:<8} {:>8} {:<9} {:>9} {:>9} {:>6}"
LANGUAGE = "en"


def started(folder: Path, rounds: int, warm: bool, found: multiprocessing.Queue[object]) -> None:
    """Say each sentence so often to a new agent; seconds until it was ready, and milliseconds of each."""
    site = load_site(folder)
    vehicle, place = next(iter(site.vehicles)), next(iter(site.places))
    who, where = site.label(vehicle, LANGUAGE), site.label(place, LANGUAGE)
    sentences = {"stop": f"Stop {who}!", "order": f"{who}, go to {where}.", "question": f"Where is {who}?"}
    took: dict[str, list[float]] = {kind: [] for kind in sentences}
    with broker() as running, simulator(running.url, folder, 10.0):
        settings = Settings(MqttSettings(running.url), hearing=False)
        began = time.perf_counter()
        cold = {} if warm else {"understanding": Pipeline(site).with_reader(load_reader(None))}
        with Agent.build(site, settings, **cold) as agent, agent.conversation(language=LANGUAGE) as conversation:
            ready = time.perf_counter() - began
            for _ in range(rounds + 1):
                for kind, sentence in sentences.items():
                    began = time.perf_counter()
                    conversation.say(sentence)
                    took[kind].append((time.perf_counter() - began) * 1000)
                    if kind == "stop":
                        conversation.say(f"{who}, go on.")
                conversation.say(f"Cancel the order of {who}.")
    found.put((len(site.languages), ready, took))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    print(ROW.format("site", "languages", "start", "ready s", "said", "first ms", "later ms", "ratio"))
    context = multiprocessing.get_context("spawn")
    for folder in SITES:
        for warm in (True, False):
            found: multiprocessing.Queue[object] = context.Queue()
            process = context.Process(target=started, args=(folder, rounds, warm, found))
            process.start()
            languages, ready, took = found.get()
            process.join()
            for kind, (first, *later) in took.items():
                usual = statistics.median(later)
                start = "as it is" if warm else "lazy"
                cells = folder.name, languages, start, f"{ready:.1f}", kind, f"{first:.0f}", f"{usual:.0f}"
                print(ROW.format(*cells, f"{first / usual:.1f}"), flush=True)


if __name__ == "__main__":
    main()
