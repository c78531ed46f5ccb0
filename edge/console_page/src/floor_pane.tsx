import { computed, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { sendOrder, site } from "./connection";
import { chosen, nameOf, shown, toggle, vehicles } from "./fleet";
import { Floor } from "./floor";
import type { SiteVehicle, VehicleState } from "./messages";
import { inWords } from "./talk_pane";
import { type Key, text, word } from "./texts";

const STATES: Key[] = ["driving", "working", "charging", "idle", "stopped", "fault", "emergency_stop", "manual", "offline"];
const LISTED = 200;
const wanted = signal("");
const wantedState = signal("");
const wantedKind = signal("");
const follows = signal(false);
const kinds = computed(() => new Map((site.value?.vehicles ?? []).map((vehicle): [string, string] => [vehicle.id, vehicle.kind])));

function fits(vehicle: VehicleState): boolean {
  return (
    (!wantedState.value || vehicle.state === wantedState.value) &&
    (!wantedKind.value || kinds.value.get(vehicle.id) === wantedKind.value) &&
    `${vehicle.id} ${nameOf(vehicle.id)}`.toLocaleLowerCase().includes(wanted.value.toLocaleLowerCase())
  );
}

export function FloorPane({ watching = false }: { watching?: boolean }) {
  const t = text.value;
  const canvas = useRef<HTMLCanvasElement>(null);
  const floor = useRef<Floor | null>(null);
  useEffect(() => {
    const drawn = new Floor(canvas.current!, (id) => (shown.value = id));
    drawn.filter = fits;
    floor.current = drawn;
    Object.assign(window, { banksmanFrameTimes: drawn.times });
    return () => drawn.close();
  }, []);
  if (floor.current) floor.current.following = follows.value && shown.value !== null;
  return (
    <div class="floor">
      <div class="map">
        <canvas
          ref={canvas}
          role="img"
          aria-label={t("map_described", { n: vehicles.value.size })}
          onPointerDown={() => (follows.value = false)}
        />
        <p class="map-tools">
          <button aria-label={t("zoom_in")} onClick={() => floor.current?.zoom(1.4)}>
            +
          </button>
          <button aria-label={t("zoom_out")} onClick={() => floor.current?.zoom(1 / 1.4)}>
            −
          </button>
          <button
            aria-label={t("whole_floor")}
            onClick={() => {
              follows.value = false;
              floor.current?.fit();
            }}
          >
            ⤢
          </button>
        </p>
      </div>
      <aside aria-label={t("vehicles")}>
        {shown.value && vehicles.value.has(shown.value) ? (
          <Vehicle state={vehicles.value.get(shown.value)!} watching={watching} />
        ) : (
          <Vehicles />
        )}
      </aside>
    </div>
  );
}

function Vehicles() {
  const t = text.value;
  const all = [...vehicles.value.values()].filter(fits);
  return (
    <>
      <input
        type="search"
        aria-label={t("search_vehicles")}
        placeholder={t("search_vehicles")}
        value={wanted.value}
        onInput={(event) => (wanted.value = event.currentTarget.value)}
      />
      <p class="filters">
        <select aria-label={t("state")} value={wantedState.value} onChange={(event) => (wantedState.value = event.currentTarget.value)}>
          <option value="">{t("all_states")}</option>
          {STATES.map((state) => (
            <option key={state} value={state}>
              {t(state)}
            </option>
          ))}
        </select>{" "}
        <select aria-label={t("type")} value={wantedKind.value} onChange={(event) => (wantedKind.value = event.currentTarget.value)}>
          <option value="">{t("all_kinds")}</option>
          {[...new Set(kinds.value.values())].map((kind) => (
            <option key={kind} value={kind}>
              {kind}
            </option>
          ))}
        </select>
      </p>
      {all.length === 0 && <p>{t("no_vehicles")}</p>}
      <ul class="vehicles">
        {all.slice(0, LISTED).map((vehicle) => (
          <li key={vehicle.id}>
            <label>
              <input type="checkbox" checked={chosen.value.has(vehicle.id)} onChange={() => toggle(vehicle.id)} />
              <span class="hidden">{t("choose")} {nameOf(vehicle.id)}</span>
            </label>
            <button onClick={() => (shown.value = vehicle.id)}>
              <span>{nameOf(vehicle.id)}</span>
              <span class={`state ${vehicle.state}`}>{word(vehicle.state)}</span>
              <span>{vehicle.battery === null ? "" : `${Math.round(vehicle.battery)} %`}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Vehicle({ state, watching }: { state: VehicleState; watching: boolean }) {
  const t = text.value;
  const known = site.value?.vehicles.find((vehicle) => vehicle.id === state.id);
  const place = site.value?.places.find((one) => one.node === state.node);
  const facts: [Key, string][] = [
    ["state", word(state.state)],
    ["place", place?.name ?? state.node ?? t("unknown")],
    ["battery", state.battery === null ? t("unknown") : `${Math.round(state.battery)} %`],
    ["load", state.loaded === null ? t("unknown") : t(state.loaded ? "loaded" : "empty")],
    ["speed", state.speed === null ? t("unknown") : `${state.speed.toFixed(1)} m/s`],
    ["job", state.job ?? t("none")],
    ["errors", state.errors.join(", ") || t("none")],
  ];
  return (
    <article>
      <h2>{nameOf(state.id)}</h2>
      <p>
        <button onClick={() => (shown.value = null)}>{t("close")}</button>{" "}
        <button aria-pressed={follows.value} onClick={() => (follows.value = !follows.value)}>
          {t("follow")}
        </button>{" "}
        <button aria-pressed={chosen.value.has(state.id)} onClick={() => toggle(state.id)}>
          {t("choose")}
        </button>
      </p>
      <dl>
        {facts.map(([key, value]) => (
          <div key={key}>
            <dt>{t(key)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {known && (
        <p class="meant">
          {known.manufacturer}/{known.serial_number}
        </p>
      )}
      {state.waiting.length > 0 && (
        <>
          <h3>{t("waiting")}</h3>
          <ol>
            {state.waiting.map((one) => (
              <li key={one.job}>{[one.command].flat().map(inWords).join("; ")}</li>
            ))}
          </ol>
        </>
      )}
      {!watching && known && <Order vehicle={known} />}
    </article>
  );
}

const ACTIONS: Key[] = ["move", "pick", "drop", "transport", "charge", "park", "resume", "cancel"];
const NEEDS_PLACE = new Set(["move", "transport"]);
const TAKES_NO_PLACE = new Set(["resume", "cancel"]);
const action = signal<string>("move");
const from = signal("");
const to = signal("");

function Order({ vehicle }: { vehicle: SiteVehicle }) {
  const t = text.value;
  const own = site.value?.actions.find((one) => one.id === action.value);
  const placed = own ? own.at_place : !TAKES_NO_PLACE.has(action.value);
  const ready = to.value !== "" || !NEEDS_PLACE.has(action.value);
  return (
    <form
      class="order"
      onSubmit={(event) => {
        event.preventDefault();
        sendOrder({
          action: own ? "own" : action.value,
          vehicles: [vehicle.id],
          ...(own ? { name: own.id } : {}),
          ...(action.value === "transport" && from.value ? { from: from.value } : {}),
          ...(placed && to.value ? { to: to.value } : {}),
        });
      }}
    >
      <h3>{t("order")}</h3>
      <label>
        {t("action")}
        <select aria-label={t("action")} value={action.value} onChange={(event) => (action.value = event.currentTarget.value)}>
          {ACTIONS.map((key) => (
            <option key={key} value={key}>
              {t(key)}
            </option>
          ))}
          {site.value?.actions.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
      </label>
      {action.value === "transport" && <PlaceChoice label="from" value={from} />}
      {placed && <PlaceChoice label="to" value={to} />}
      <button type="submit" disabled={!ready}>
        {t("send")}
      </button>
    </form>
  );
}

function PlaceChoice({ label, value }: { label: Key; value: typeof to }) {
  const t = text.value;
  return (
    <label>
      {t(label)}
      <select aria-label={t(label)} value={value.value} onChange={(event) => (value.value = event.currentTarget.value)}>
        <option value="">{NEEDS_PLACE.has(action.value) && label === "to" ? "…" : t("nearest")}</option>
        {site.value?.places.map((place) => (
          <option key={place.id} value={place.id}>
            {place.name}
          </option>
        ))}
      </select>
    </label>
  );
}
