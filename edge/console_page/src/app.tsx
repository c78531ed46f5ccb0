import { signal } from "@preact/signals";
import { sees, session, state } from "./connection";
import { FloorPane } from "./floor_pane";
import { notice, plans } from "./history";
import { HealthPane, LoadsPane } from "./lists";
import { PlansPane } from "./plans_pane";
import { SettingsPane, SignIn } from "./people";
import { StopBar } from "./stop_bar";
import { TalkPane } from "./talk_pane";
import { type Key, text } from "./texts";

const PANES: [Key, () => preact.JSX.Element][] = [
  ["talk", TalkPane],
  ["floor", () => <FloorPane />],
  ["plans", PlansPane],
  ["loads", LoadsPane],
  ["health", HealthPane],
  ["settings", SettingsPane],
];
const open = signal<Key>("talk");
const wall = new URLSearchParams(location.search).has("wall");

export function App() {
  const t = text.value;
  if (wall)
    return (
      <main class="wall">
        <Connection />
        {sees.value ? <FloorPane watching /> : <SignIn />}
      </main>
    );
  return (
    <>
      <header>
        <h1>{session.value?.site ?? t("title")}</h1>
        <StopBar />
      </header>
      <Connection />
      {notice.value && (
        <p class="notice" role="status">
          {notice.value}
          <button onClick={() => (notice.value = "")}>{t("close")}</button>
        </p>
      )}
      {sees.value || state.value !== "open" ? <Panes /> : <SignIn />}
    </>
  );
}

function Panes() {
  const t = text.value;
  const waiting = plans.value.filter((plan) => plan.mine && plan.state === "proposed").length;
  return (
    <>
      <nav aria-label={t("title")}>
        {PANES.map(([key]) => (
          <button key={key} aria-current={open.value === key ? "page" : undefined} onClick={() => (open.value = key)}>
            {t(key)}
            {key === "plans" && waiting > 0 && <strong> ({waiting})</strong>}
          </button>
        ))}
      </nav>
      <main data-open={open.value}>
        {PANES.filter(([key]) => key === open.value || key === "talk" || key === "floor").map(([key, Pane]) => (
          <section key={key} class={`pane pane-${key}${key === open.value ? " is-open" : ""}`} aria-label={t(key)}>
            <Pane />
          </section>
        ))}
      </main>
    </>
  );
}

function Connection() {
  const t = text.value;
  switch (state.value) {
    case "open":
      return null;
    case "connecting":
      return <p class="connection">{t("connecting")}</p>;
    case "lost":
      return (
        <p class="connection lost" role="alert">
          {t("connection_lost")}
        </p>
      );
    case "elsewhere":
      return (
        <p class="connection lost" role="alert">
          {t("opened_elsewhere")}
        </p>
      );
  }
}
