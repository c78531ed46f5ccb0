"""``banksman say``."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from banksman_edge.cli.speaker import Speaker, speaker_options
from banksman_shared.actions import Action
from banksman_shared.errors import BanksmanError
from banksman_shared.mqtt import MqttSettings
from banksman_shared.options import mqtt_options, site_option
from banksman_shared.site import load_site

if TYPE_CHECKING:
    from banksman_edge.app import AgentClient

HELLO_S = 10.0
"""An agent that runs answers at once, if only that it has got the utterance."""
DECISION_S = 120.0
REPLY_S = 1.0
ASKED = 3
"""Exit status where an answer is waited for."""


@click.command("say")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@site_option
@mqtt_options("mqtt://localhost:1883")
@click.option("--text", help="What to say in writing, instead of a sound file.")
@click.option("--language", help="Its language, such as 'en', if you know it.")
@speaker_options
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON.")
@click.option("--wait", is_flag=True, help="Return when the vehicles are done; exit 1 if they failed.")
@click.option("--yes", is_flag=True, help="Answer a confirmation with yes.")
@click.option("--timeout", type=click.FloatRange(1), default=600.0, show_default=True, help="Seconds for --wait.")
def say(file: Path | None, site_dir: Path, mqtt: MqttSettings, text: str | None, as_json: bool, **values: Any) -> None:
    """Say one utterance, as sound or text, to the running agent of a site.

    Several calls with the same --device are one conversation: "banksman say --device mine --text no" answers what was
    asked there. Exit status: 0 it is done or will be, 1 it will not be, 3 something was asked.

    \b
    Examples:
      banksman say --text "forklift three, go to dock two" --wait
      banksman say order.wav --site my-site --mqtt mqtt://broker:1883 --json
      banksman say --device mine --text "no, dock three"
    """
    from banksman_edge.app import AgentClient  # noqa: PLC0415  --help must not load NumPy

    if (file is None) == (text is None):
        raise click.UsageError('say either --text "…" or a sound FILE')
    speaker = Speaker.of(values)
    with AgentClient(load_site(site_dir).id, mqtt, **speaker.options) as client:
        key = client.send_file(file) if file else client.send_text(text or "", values["language"])
        conversation = _Conversation(client, key, values["timeout"])
        decision = conversation.decide()
        if decision["decision"] == "confirm" and values["yes"]:
            decision = conversation.confirm()
        click.echo(json.dumps(decision, ensure_ascii=False) if as_json else _sentence(decision))
        if values["wait"]:
            conversation.finish(decision, yes=values["yes"])
        elif status := conversation.status(decision):
            raise click.exceptions.Exit(status)


class _Conversation:
    """One utterance and what the agent says about it."""

    def __init__(self, client: AgentClient, key: str, timeout_s: float) -> None:
        self._client, self._key, self._timeout_s = client, key, timeout_s
        self._language = "en"
        self._said = ""
        self._failures: list[str] = []

    def decide(self) -> dict[str, Any]:
        """The decision's document; what was heard, and what is said about a refusal, is printed on the way."""
        patience = HELLO_S
        while True:
            name, document = self._client.next(self._key, patience)
            patience = DECISION_S
            if name == "transcript":
                click.echo(f"heard: {document['text']!r} ({document['language'] or '?'})", err=True)
            elif name == "decision":
                self._language = document["language"]
                if document["decision"] != "accept":
                    self._explain(_followed(document, "declines") or self._key)
                return document

    def _explain(self, key: str) -> None:
        """A refusal or question has its reply right behind it, a no that of what was asked; talk that is not for the
        vehicles has none."""
        try:
            name, document = self._client.next(key, REPLY_S)
        except BanksmanError:
            return
        if name == "reply":
            self._said = document["text"]
            click.echo(self._said, err=True)

    def confirm(self) -> dict[str, Any]:
        """Say yes to what is being asked, in the language that was spoken; the decision about that."""
        from banksman_edge.dialogue import a_yes  # noqa: PLC0415  --help must be quick

        answer = self._client.send_text(a_yes(self._language), self._language)
        return _Conversation(self._client, answer, self._timeout_s).decide()

    def status(self, decision: dict[str, Any]) -> int:
        """The exit status that goes with a decision; that of talk, of which nothing was to come, is 0."""
        if decision["decision"] in ("confirm", "ask"):
            return ASKED
        refused = decision["decision"] == "reject" and (self._said or _first(decision["command"])["action"] != "none")
        return 1 if refused else 0

    def finish(self, decision: dict[str, Any], *, yes: bool) -> None:
        """Read on until everything this utterance set going has ended.

        Raises:
            BanksmanError: it was not done, or nothing came in time.
        """
        action = _first(decision["command"])["action"]
        if decision["decision"] != "accept":
            if action != Action.NONE or self._said:
                hint = "; --yes confirms" if decision["decision"] == "confirm" else ""
                raise BanksmanError(f"not done: {decision['reason']}{hint}")
            return
        self._key = _followed(decision, "confirms") or self._key  # to which belongs what is done
        wanted = {Action.STATUS: self._answered, Action.PLAN: self._planned}.get(action, self._driven)
        while not wanted(*self._next(), yes):
            continue

    def _next(self) -> tuple[str, dict[str, Any]]:
        name, document = self._client.next(self._key, self._timeout_s)
        if name == "reply":
            click.echo(document["text"], err=True)
        return name, document

    def _answered(self, name: str, _document: dict[str, Any], _yes: bool) -> bool:
        return name == "reply"

    def _driven(self, name: str, document: dict[str, Any], _yes: bool) -> bool:
        if name != "order":
            return False
        if document["status"] in ("failed", "cancelled"):
            self._failures.append(f"{document['vehicle'] or 'nobody'}: {document['detail'] or document['status']}")
        if document["open"] == 0 and self._failures:
            raise BanksmanError("; ".join(self._failures))
        return bool(document["open"] == 0)

    def _planned(self, name: str, document: dict[str, Any], yes: bool) -> bool:
        if name == "order" and document["vehicle"] is None and document["status"] == "cancelled":
            raise BanksmanError("the plan was not confirmed in time, so nothing was done")
        if name != "plan":
            return False
        match document["state"]:
            case "failed" | "cancelled":
                raise BanksmanError(f"the plan was not carried out: {document['detail'] or document['state']}")
            case "proposed" if not yes:
                raise BanksmanError("the plan waits for a confirmation; --yes confirms")
            case "proposed":
                self._await_question()
                self.confirm()
            case "done":
                self._hear_the_end()
        return bool(document["state"] == "done")

    def _hear_the_end(self) -> None:
        """That a plan is done is said right behind the news of it, if at all."""
        with suppress(BanksmanError):
            while (document := self._client.next(self._key, REPLY_S))[0] != "reply":
                continue
            click.echo(document[1]["text"], err=True)

    def _await_question(self) -> None:
        """The agent checks a proposed plan before it asks about it."""
        while self._next()[0] != "reply":
            pass


def _first(command: Any) -> dict[str, Any]:
    first: dict[str, Any] = command[0] if isinstance(command, list) else command
    return first


def _sentence(decision: dict[str, Any]) -> str:
    return f"{decision['decision']}: {json.dumps(decision['command'])} ({decision['tier']}, {decision['confidence']})"


def _followed(decision: dict[str, Any], how: str) -> str:
    """The utterance that a decision follows in some way; empty where it does not."""
    follows = decision.get("follows") or {}
    return str(follows["utterance"]) if follows.get("how") == how else ""
