// The page's own words; what the agent says comes from the agent in the speaker's language.
import { computed, signal } from "@preact/signals";
import en from "./texts/en.json";

export type Key = keyof typeof en;
const loaders = import.meta.glob<{ default: Record<string, string> }>("./texts/*.json");
const RIGHT_TO_LEFT = new Set(["ar"]);

export const language = signal("en");
const texts = signal<Record<string, string>>(en);

export const languages = Object.keys(loaders)
  .map((path) => path.slice("./texts/".length, -".json".length))
  .sort();

export async function speak(code: string): Promise<void> {
  const known = languages.includes(code) ? code : "en";
  const loaded = await loaders[`./texts/${known}.json`]!();
  texts.value = { ...en, ...loaded.default };
  language.value = known;
  document.documentElement.lang = known;
  document.documentElement.dir = RIGHT_TO_LEFT.has(known) ? "rtl" : "ltr";
}

export const text = computed(
  () =>
    (key: Key, values: Record<string, string | number> = {}): string =>
      (texts.value[key] ?? en[key]).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)),
);

/** A word of the agent, such as a state, where the page has one for it; otherwise the word itself. */
export function word(of: string): string {
  return of in en ? text.value(of as Key) : of;
}

export function languageName(code: string): string {
  return new Intl.DisplayNames([code], { type: "language" }).of(code) ?? code;
}
