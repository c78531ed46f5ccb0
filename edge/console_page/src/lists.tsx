import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { health, loads } from "./connection";
import { nameOf } from "./fleet";
import type { Health, Loads } from "./messages";
import { text } from "./texts";

const LOOK_MS = 2000;

/** What is asked for again and again while it is looked at. */
function useAsked<T>(ask: () => Promise<T>, to: { value: T | null }): void {
  useEffect(() => {
    const look = (): void => void ask().then((told) => (to.value = told), () => {});
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
}

const toldLoads = signal<Loads | null>(null);
const toldHealth = signal<Health | null>(null);

export function LoadsPane() {
  const t = text.value;
  useAsked(loads, toldLoads);
  const found = toldLoads.value?.loads ?? [];
  if (!found.length) return <p>{t("no_loads")}</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t("place")}</th>
          <th scope="col">{t("load")}</th>
          <th scope="col">{t("type")}</th>
        </tr>
      </thead>
      <tbody>
        {found.map((load) => (
          <tr key={load.id}>
            <td>{nameOf(load.place)}</td>
            <td>{load.id}</td>
            <td>{load.type}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function HealthPane() {
  const t = text.value;
  useAsked(health, toldHealth);
  const told = toldHealth.value;
  if (!told) return <p>{t("connecting")}</p>;
  const lines: [boolean, string][] = [
    [told.commands, told.commands ? t("commands_ok") : t("commands_not", { reason: told.reason })],
    [told.reporting === told.vehicles, t("reporting", { n: told.reporting, m: told.vehicles })],
    [told.hears, told.hears ? t("hears_ok") : t("no_recogniser")],
    [told.speaks, told.speaks ? t("speaks_ok") : t("speaks_not")],
  ];
  return (
    <ul class="health">
      {lines.map(([works, line]) => (
        <li key={line} class={works ? "works" : "fails"}>
          <span aria-hidden="true">{works ? "✓" : "!"}</span> {line}
        </li>
      ))}
    </ul>
  );
}
