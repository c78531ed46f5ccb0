// What is chosen once on this device.
import { effect, signal } from "@preact/signals";
import { speak } from "./texts";

export interface Settings {
  language: string;
  theme: "system" | "light" | "dark" | "contrast";
  speaks: boolean;
  loudness: number;
}

const KEY = "banksman-settings";
const defaults: Settings = { language: "", theme: "system", speaks: true, loudness: 1 };

function stored(): Settings {
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Settings>) };
  } catch {
    return defaults;
  }
}

export const settings = signal<Settings>(stored());

export function change(some: Partial<Settings>): void {
  settings.value = { ...settings.value, ...some };
}

const darkDevice = matchMedia("(prefers-color-scheme: dark)");
const dark = signal(darkDevice.matches);
darkDevice.addEventListener("change", () => (dark.value = darkDevice.matches));

effect(() => {
  const { theme } = settings.value;
  document.documentElement.dataset.theme = theme === "system" ? (dark.value ? "dark" : "light") : theme;
  try {
    localStorage.setItem(KEY, JSON.stringify(settings.value));
  } catch {
    // a browser that keeps nothing asks again next time
  }
});
effect(() => void speak(settings.value.language || navigator.language.split("-")[0] || "en"));
