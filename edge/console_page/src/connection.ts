// The websocket to the edge: opened again when it is lost, and known to be lost within a second.
import { effect, signal } from "@preact/signals";
import type { Command, Health, Loads, Message, Session, Site } from "./messages";
import { settings } from "./settings";

const SILENT_MS = 1000; // the edge sends something every half a second
const LOOK_MS = 200;
const AGAIN_MS = [250, 500, 1000, 2000, 4000];
const HELLO_MS = 5000;

export const state = signal<"connecting" | "open" | "lost" | "elsewhere">("connecting");
export const session = signal<Session | null>(null);
export const site = signal<Site | null>(null);
export const hears = signal(false);
export const sees = signal(false);
export const trouble = signal("");

type Take = (message: Message) => void;
const takers: Take[] = [];
let takesSound: (sound: ArrayBuffer) => void = () => {};
let socket: WebSocket | null = null;
let heardAt = 0;
let attempts = 0;
let greeted = false;

export function onMessage(take: Take): void {
  takers.push(take);
}

export function onSound(take: (sound: ArrayBuffer) => void): void {
  takesSound = take;
}

/** A name for this tab, so that two pages of one browser are two devices. */
function tab(): string {
  const kept = sessionStorage.getItem("banksman-tab") ?? Math.random().toString(36).slice(2, 10);
  sessionStorage.setItem("banksman-tab", kept);
  return kept;
}

export class Refused extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

async function request<T>(path: string, method = "GET", body?: unknown, patience_ms = 10_000): Promise<T> {
  const answer = await fetch(`./api/v1/${path}`, {
    method,
    signal: AbortSignal.timeout(patience_ms),
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const told: unknown = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new Refused((told as { title?: string }).title ?? answer.statusText, answer.status);
  return told as T;
}

export const health = (): Promise<Health> => request("health");
export const loads = (): Promise<Loads> => request("loads");

export async function signIn(operator: string, pin: string): Promise<void> {
  session.value = await request<Session>("session", "POST", { operator, pin });
  reopen();
}

export async function signOut(): Promise<void> {
  await request("session", "DELETE");
  location.reload();
}

async function loadSite(attempt = 0): Promise<void> {
  const code = settings.value.language || session.value?.languages[0] || "";
  try {
    site.value = await request<Site>(`site?language=${encodeURIComponent(code)}`);
  } catch {
    setTimeout(() => void loadSite(attempt + 1), AGAIN_MS[Math.min(attempt, AGAIN_MS.length - 1)]);
  }
}

export function send(message: Record<string, unknown>): boolean {
  if (socket?.readyState !== WebSocket.OPEN || !greeted) return false;
  socket.send(JSON.stringify(message));
  return true;
}

export function sendSound(sound: ArrayBuffer): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(sound);
}

const ANSWERED_MS = 500;
const GIVEN_UP_MS = 2000;
let stops = 0;
const unanswered = new Map<number, () => void>();

/** Stop by the websocket, and by a request of its own where no answer to that comes: a stop may go out twice. False: no
 * answer came to either. */
export async function sendStop(vehicles: string[]): Promise<boolean> {
  const n = ++stops;
  if (state.value === "open" && send({ type: "stop", vehicles, n })) {
    const answered = await new Promise<boolean>((resolve) => {
      unanswered.set(n, () => resolve(true));
      setTimeout(() => resolve(false), ANSWERED_MS);
    });
    unanswered.delete(n);
    if (answered) return true;
  }
  try {
    await request("stop", "POST", { vehicles }, GIVEN_UP_MS);
    return true;
  } catch {
    return false;
  }
}

export function sendOrder(command: Command): boolean {
  return send({ type: "order", command });
}

export function reopen(): void {
  socket?.close();
  socket = null;
  state.value = "connecting";
  void open();
}

async function open(): Promise<void> {
  try {
    session.value = await request<Session>("session");
  } catch {
    state.value = "lost";
    setTimeout(() => void open(), AGAIN_MS[Math.min(attempts++, AGAIN_MS.length - 1)]);
    return;
  }
  const opened = new WebSocket(new URL("./api/v1/stream", location.href).href.replace(/^http/, "ws"));
  opened.binaryType = "arraybuffer";
  socket = opened;
  greeted = false;
  heardAt = performance.now() + HELLO_MS;
  opened.onopen = () => {
    const { language, speaks } = settings.value;
    opened.send(
      JSON.stringify({
        type: "hello",
        tab: tab(),
        language: language || session.value?.languages[0] || null,
        hears: true,
        speaks,
      }),
    );
  };
  opened.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (socket !== opened) return;
    heardAt = performance.now();
    if (data instanceof ArrayBuffer) takesSound(data);
    else take(JSON.parse(data) as Message);
  };
  opened.onclose = (event) => {
    if (socket !== opened) return;
    socket = null;
    if (event.reason.includes("signed out")) sees.value = false;
    if (event.reason.includes("opened anew")) {
      state.value = "elsewhere";
      return;
    }
    state.value = "lost";
    setTimeout(() => void open(), AGAIN_MS[Math.min(attempts++, AGAIN_MS.length - 1)]);
  };
}

function take(message: Message): void {
  if (message.type === "ready") {
    greeted = true;
    attempts = 0;
    state.value = "open";
    hears.value = message.hears;
    sees.value = message.sees;
    trouble.value = message.trouble;
    if (message.sees) void loadSite();
  }
  if (message.type === "stopping") unanswered.get(message.n)?.();
  for (const each of takers) each(message);
}

setInterval(() => {
  if (socket && performance.now() - heardAt > SILENT_MS && (state.value === "open" || performance.now() > heardAt)) {
    const dead = socket;
    socket = null;
    dead.close();
    state.value = "lost";
    void open();
  }
  if (state.value === "open" && !sees.value) send({ type: "ping" });
}, LOOK_MS);

let spoken = settings.value;
effect(() => {
  const now = settings.value;
  if (now.language !== spoken.language || now.speaks !== spoken.speaks) reopen();
  spoken = now;
});

export function start(): void {
  void open();
}
