import { computed, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { hears, send, state, trouble } from "./connection";
import { nameOf } from "./fleet";
import { type Entry, entries, question } from "./history";
import type { Command } from "./messages";
import { hearing, microphoneTrouble, press, release, talking } from "./talk";
import { text, word } from "./texts";

const searched = signal("");
const written = signal("");
const found = computed(() => {
  const wanted = searched.value.toLocaleLowerCase();
  return entries.value.filter((entry) => `${entry.text} ${entry.reply}`.toLocaleLowerCase().includes(wanted));
});

export function say(words: string): void {
  if (words.trim()) send({ type: "say", text: words.trim() });
}

/** Whether the space bar means something there. A button that was clicked keeps the focus and is not meant. */
function writes(target: EventTarget | null): boolean {
  const at = target instanceof Element ? target.closest("input, textarea, select, button, summary, a") : null;
  return at !== null && (at.tagName !== "BUTTON" || at.matches(":focus-visible"));
}

export function TalkPane() {
  const t = text.value;
  useEffect(() => {
    const down = (event: KeyboardEvent): void => {
      if (event.code !== "Space" || event.ctrlKey || event.altKey || event.metaKey || writes(event.target)) return;
      event.preventDefault();
      if (!event.repeat) void press();
    };
    const up = (event: KeyboardEvent): void => {
      if (event.code !== "Space" || writes(event.target)) return;
      event.preventDefault();
      release();
    };
    addEventListener("keydown", down);
    addEventListener("keyup", up);
    addEventListener("blur", release);
    return () => {
      removeEventListener("keydown", down);
      removeEventListener("keyup", up);
      removeEventListener("blur", release);
    };
  }, []);
  return (
    <>
      <input
        type="search"
        aria-label={t("search_history")}
        placeholder={t("search_history")}
        value={searched.value}
        onInput={(event) => (searched.value = event.currentTarget.value)}
      />
      <History />
      <p class="hearing" aria-live="polite">
        {talking.value && !hearing.value ? t("listening") : hearing.value}
      </p>
      {hears.value && microphoneTrouble.value && (
        <p class="notice" role="status">
          {t("no_microphone", { reason: microphoneTrouble.value })}
        </p>
      )}
      <div class="speak">
        {hears.value ? (
          <button
            class={`talk${talking.value ? " is-held" : ""}`}
            aria-pressed={talking.value}
            disabled={state.value !== "open"}
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId);
              void press();
            }}
            onPointerUp={release}
            onPointerCancel={release}
            onKeyDown={(event) => {
              if (!event.repeat && (event.key === " " || event.key === "Enter")) void press();
            }}
            onKeyUp={release}
            onContextMenu={(event) => event.preventDefault()}
          >
            {talking.value ? t("listening") : t("hold_to_talk")}
            <small>{t("space_talks")}</small>
          </button>
        ) : (
          <p>{trouble.value || t("no_recogniser")}</p>
        )}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            say(written.value);
            written.value = "";
          }}
        >
          <input
            aria-label={t("write")}
            placeholder={t("write")}
            maxLength={2000}
            value={written.value}
            onInput={(event) => (written.value = event.currentTarget.value)}
          />
          <button type="submit" disabled={state.value !== "open"}>
            {t("send")}
          </button>
        </form>
      </div>
    </>
  );
}

function History() {
  const t = text.value;
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [entries.value]);
  if (!entries.value.length) return <p class="history">{t("nothing_said")}</p>;
  return (
    <ol class="history" ref={list} tabIndex={0} aria-label={t("talk")}>
      {found.value.map((entry) => (
        <Said key={entry.id} entry={entry} />
      ))}
    </ol>
  );
}

function Said({ entry }: { entry: Entry }) {
  const t = text.value;
  const understood = entry.command.filter((command) => command.action !== "none").map(inWords).join("; ");
  return (
    <li class={`said ${entry.decision ?? ""}`}>
      <p class="words">
        <time dateTime={entry.at.toISOString()}>{entry.at.toLocaleTimeString()}</time>{" "}
        {entry.text || (entry.decision ? t("chosen", { text: understood }) : "…")}
      </p>
      {understood && entry.text && <p class="meant">{t("understood", { text: understood })}</p>}
      {entry.doubt && <p class="meant">{t("unsure", { text: entry.doubt })}</p>}
      {entry.decision && <p class="verdict">{t(entry.decision)}</p>}
      {entry.reply && (
        <p class="reply" lang={entry.replyLanguage} dir="auto">
          {entry.reply}
        </p>
      )}
      {Object.entries(entry.orders).map(([vehicle, status]) => (
        <p class="meant" key={vehicle}>
          {nameOf(vehicle)}: {word(status)}
        </p>
      ))}
      <p class="choices">
        {question.value === entry.id && <YesNo id={entry.id} />}
        {entry.text && <button onClick={() => say(entry.text)}>{t("again")}</button>}
      </p>
    </li>
  );
}

export function YesNo({ id, plan = false }: { id: string; plan?: boolean }) {
  const t = text.value;
  const open = question.value === id;
  const entry = entries.value.find((one) => one.id === id);
  const asked = entry?.decision === "confirm" && entry.answers ? entry.answers : id;
  return (
    <>
      <button class="yes" disabled={!open} onClick={() => send({ type: "answer", id: asked, yes: true })}>
        {t(plan ? "approve" : "yes")}
      </button>{" "}
      <button disabled={!open} onClick={() => send({ type: "answer", id: asked, yes: false })}>
        {t(plan ? "refuse" : "no")}
      </button>{" "}
    </>
  );
}

export function inWords(command: Command): string {
  const places = [command.from, command.to].filter((place) => place !== undefined).map((place) => nameOf(place));
  return [command.vehicles.map(nameOf).join(", "), command.name ?? word(command.action), places.join(" → ")]
    .filter(Boolean)
    .join(" ");
}
