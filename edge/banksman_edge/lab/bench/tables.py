"""The measurements as tables for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table


def speech_table(contenders: dict[str, Any], floor: dict[str, Any]) -> Table:
    """A row for each contender: latency, how much faster than the defaults, distance to the floor, errors."""
    languages = list(next(iter(contenders.values()))["by_language"])
    table = Table("", "p50 ms", "p95 ms", "faster (p50, p95)", "floor ×", "language", "errors", *languages)
    for name, summary in contenders.items():
        latency, faster = summary["latency_ms"], summary["times_faster"]
        table.add_row(
            name,
            f"{latency['p50']:.0f}",
            f"{latency['p95']:.0f}",
            f"{faster['p50']:.1f}, {faster['p95']:.1f}",
            f"{floor['times_the_floor'][name]:.1f}",
            percent(summary["right_language"]),
            percent(summary["error_rate"]),
            *(percent(summary["by_language"][code]) for code in languages),
        )
    table.caption = "errors: of words; of characters in Chinese and Japanese"
    return table


def floor_sentence(floor: dict[str, Any]) -> str:
    """What the median clip needs and the machine can do, in one line."""
    work, machine, shortest = floor["work"], floor["machine"], floor["floor_ms"]
    needed = (
        f"{work['encoder_operations'] / 1e9:.1f} G operations and the decoder's {work['decoder_bytes'] / 1e6:.0f} MB"
    )
    peaks = (
        f"{machine['operations'] / 1e9:.0f} G {machine['precision']} operations/s, {machine['bytes'] / 1e9:.1f} GB/s"
    )
    return (
        f"Floor for the median clip ({floor['seconds']} s, {floor['tokens']} tokens): the encoder's {needed}, at "
        f"{peaks} measured here: {shortest['encoder']:.0f} + {shortest['decoder']:.0f} = {shortest['total']:.0f} ms."
    )


def understanding_table(summary: dict[str, Any]) -> Table:
    """A row for each way to understand: exact, harmless and fast, of all sentences and of those its model answered."""
    languages = list(next(iter(summary.values()))["by_language"])
    table = Table(
        "", "exact", *languages, "false actions", "questions", "p50 / p95 ms", "by the model", "of these", "ms"
    )
    for name, one in summary.items():
        asked, latency = one["asked_model"], one["latency_ms"]
        table.add_row(
            name,
            percent(one["exact"]),
            *(percent(one["by_language"][code]["exact"]) for code in languages),
            str(one["false_actions"]),
            str(one["needless_questions"]),
            f"{latency['p50']:.0f} / {latency['p95']:.0f}",
            str(asked["n"]),
            percent(asked["exact"]),
            f"{asked['latency_ms']['p50']:.0f} / {asked['latency_ms']['p95']:.0f}",
        )
    return table


def commands_table(summary: dict[str, Any]) -> Table:
    """A row for each step of the recogniser and level: what is read exactly up to each stage of understanding, and what
    is done exactly, after the decision, in all and by language."""
    languages = list(next(iter(next(iter(summary.values())).values()))["by_language"])
    read = list(next(iter(next(iter(summary.values())).values()))["read"])
    columns = (*(f"read: {stage}" for stage in read), "done", *languages, "wrong, done")
    table = Table("recogniser", "noise", *columns, title="exact commands")
    for step, levels in summary.items():
        for level, shares in levels.items():
            own = (percent(shares["by_language"].get(code)) for code in languages)
            stages = (percent(shares["read"][stage]) for stage in read)
            table.add_row(step, level, *stages, percent(shares["all"]), *own, str(shares["wrong_and_done"]))
        table.add_section()
    return table


def sentences_table(summary: dict[str, Any]) -> Table:
    """A row for each language and a column for each part, with what talk caused and how long it took below."""
    languages = sorted({code for part in summary.values() for code in part["by_language"]})
    table = Table("exact", *summary, title="sentences")
    for code in languages:
        table.add_row(code, *(percent(part["by_language"].get(code, {}).get("exact")) for part in summary.values()))
    table.add_section()
    table.add_row("all", *(percent(part["exact"]) for part in summary.values()))
    table.add_row("sentences", *(str(part["n"]) for part in summary.values()))
    for key in ("false_actions", "needless_questions"):
        table.add_row(key.replace("_", " "), *(str(part[key]) for part in summary.values()))
    latencies = [part["latency_ms"]["nlu"] for part in summary.values()]
    table.add_row("ms p50 / p95", *(f"{latency['p50']:.1f} / {latency['p95']:.1f}" for latency in latencies))
    return table


def certainty_table(summary: dict[str, Any]) -> Table:
    """A row for each part and tier: how sure of orders it was and how many were right; and what was decided."""
    verdicts = list(next(iter(summary.values()))["certainty"]["by_decision"])
    table = Table("orders read", "tier", "n", "sure", "right", "error", "Brier", *verdicts, title="confidence")
    for name, part in summary.items():
        found = part["certainty"]
        decided = [percent(found["by_decision"][verdict]["share"]) for verdict in verdicts]
        for tier, own in {"all": found["all"], **found["by_tier"]}.items():
            if own["n"]:
                shares = (percent(own["said"]), percent(own["right"]), f"{own['expected_calibration_error']:.3f}")
                rates = decided if tier == "all" else []
                table.add_row(name, tier, str(own["n"]), *shares, f"{own['brier']:.3f}", *rates)
        table.add_section()
    return table


def chatter_table(summary: dict[str, Any]) -> Table:
    """A row for each kind of sound that was for nobody."""
    columns = ("hours", "utterances", "with words", "false actions", "needless questions", "(per hour)")
    table = Table("", *columns, "stop alarms", "(per hour)")
    for name, part in summary.items():
        table.add_row(
            name,
            f"{part['hours']:.2f}",
            str(part["utterances"]),
            str(part["with_words"]),
            str(part["false_actions"]),
            str(part["needless_questions"]),
            f"{part['false_actions_per_hour']:.1f}, {part['needless_questions_per_hour']:.1f}",
            *_alarms(part.get("stop_spotter")),
        )
    table.caption = "stop alarms: of the spotter in the sound itself; they are no part of the false actions"
    return table


def alarms_table(summary: dict[str, Any]) -> Table:
    """The stop spotter's alarms by language, and how many that is an hour, for each part where people speak."""
    parts = {name: part["stop_spotter"]["by_language"] for name, part in summary.items() if part.get("stop_spotter")}
    parts = {name: languages for name, languages in parts.items() if languages}
    table = Table("stop alarms", *(column for name in parts for column in (name, "hours", "(per hour)")))
    for code in sorted({code for languages in parts.values() for code in languages}):
        found = [languages.get(code) for languages in parts.values()]
        hours = ["" if own is None else f"{own['hours']:.2f}" for own in found]
        cells = [(count, time, rate) for (count, rate), time in zip(map(_alarms, found), hours, strict=True)]
        table.add_row(code, *(cell for own in cells for cell in own))
    return table


def stops_table(figures: dict[str, Any]) -> Table:
    """Stop words that were missed, of those that were said, by language and noise."""
    levels = list(figures["missed"]["all"])
    delay = figures["delay_ms"]
    table = Table("missed of said", *levels)
    for code, counts in figures["missed"].items():
        table.add_row(code, *("{} of {}".format(*counts[level]) if level in counts else "-" for level in levels))
    if delay:
        table.caption = f"from the end of a word to the look that finds it: p50 {delay['p50']}, p95 {delay['p95']} ms"
    return table


def _alarms(counted: dict[str, Any] | None) -> tuple[str, str]:
    """How many, and how many an hour."""
    return ("-", "-") if counted is None else (str(counted["alarms"]), f"{counted['per_hour']:.1f}")


def confidence_table(weights: Mapping[str, float], figures: dict[str, Any]) -> Table:
    """What speaks for an order, and what each threshold keeps and lets through."""
    table = Table("speaks for an order", "weight", "threshold", "orders kept", "others let through")
    thresholds = list(figures["thresholds"].items())
    for number in range(max(len(weights), len(thresholds))):
        name, weight = list(weights.items())[number] if number < len(weights) else ("", None)
        at, kept = thresholds[number] if number < len(thresholds) else ("", {})
        shares = [percent(kept[key]) if kept else "" for key in ("orders_kept", "others_let_through")]
        table.add_row(name, "" if weight is None else f"{weight:.2f}", at, *shares)
    table.caption = (
        f"held out: {figures['n']} utterances, {figures['right']} of them orders heard right; area under the curve "
        f"{figures['roc_auc']:.3f}, calibration error {figures['expected_calibration_error']:.3f}"
    )
    return table


def restraint_table(summary: dict[str, Any]) -> Table:
    """A row for each kind of sentence, each language, and all."""
    table = Table("", "sentences", "unasked actions", "needless questions", "right outcome", title="restraint")
    for part in ({"all": summary}, summary["by_kind"], summary["by_language"]):
        for name, counts in part.items():
            needless, n = counts["needless_questions"], counts["n"]
            share = f"{needless} ({percent(needless / n)})" if needless else "0"
            table.add_row(name, str(n), str(counts["unasked_actions"]), share, percent(counts["right"]))
        table.add_section()
    return table


def percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def scoreboard_table(summary: dict[str, Any]) -> Table:
    """A row for each set, and for each language over all of them."""
    table = Table("", "orders", "exact", "confirmed", "wrongly done", "talk", "done", "asked", "ms p50 / p95")
    rows = [*summary["sets"].items(), ("not looked at", summary["not looked at"]), ("all", summary["all"])]
    for name, one in [*rows, *summary["languages"].items()]:
        table.add_row(
            name,
            str(one["orders"]),
            *("" if one[key] is None else percent(one[key]) for key in ("exact", "confirmed")),
            *(str(one[key]) for key in ("wrongly_done", "talk", "talk_done", "talk_asked")),
            f"{one['ms']['p50']} / {one['ms']['p95']}",
        )
    return table
