// The vehicles as they were last reported, and where each is drawn in between.
import { computed, signal } from "@preact/signals";
import { onMessage, site } from "./connection";
import type { VehicleState } from "./messages";

/** Between two reports a vehicle is drawn on the way from the one before to the last: late, but never further than the
 * vehicle itself has said to be. */
interface Motion {
  from: [number, number, number];
  to: [number, number, number];
  at: number;
  takes: number;
}

const MOST_MS = 2000;
const JUMP_M = 10;

export const vehicles = signal<ReadonlyMap<string, VehicleState>>(new Map());
export const chosen = signal<ReadonlySet<string>>(new Set());
export const shown = signal<string | null>(null);
export const names = computed(
  () =>
    new Map<string, string>([
      ...(site.value?.vehicles ?? []).map((vehicle): [string, string] => [vehicle.id, vehicle.name]),
      ...(site.value?.places ?? []).flatMap((place): [string, string][] => [
        [place.id, place.name],
        [`at:${place.id}`, place.name],
      ]),
      ...Object.entries(site.value?.selectors ?? {}),
    ]),
);

export function nameOf(id: string): string {
  return names.value.get(id) ?? id;
}

const motions = new Map<string, Motion>();

export function positionOf(id: string, now: number): [number, number, number] | null {
  const motion = motions.get(id);
  if (!motion) return null;
  const share = Math.min(1, (now - motion.at) / motion.takes);
  const [x, y, heading] = motion.from;
  const turn = Math.atan2(Math.sin(motion.to[2] - heading), Math.cos(motion.to[2] - heading));
  return [x + (motion.to[0] - x) * share, y + (motion.to[1] - y) * share, heading + turn * share];
}

function place(state: VehicleState, now: number): void {
  const node = state.node === null ? undefined : site.value?.nodes[state.node];
  const x = state.x ?? node?.[0];
  const y = state.y ?? node?.[1];
  if (x === undefined || y === undefined) return;
  const before = motions.get(state.id);
  const here = positionOf(state.id, now);
  const to: [number, number, number] = [x, y, state.heading ?? here?.[2] ?? 0];
  const far = !here || Math.hypot(here[0] - x, here[1] - y) > JUMP_M;
  const takes = before ? Math.min(MOST_MS, Math.max(100, now - before.at)) : 1;
  motions.set(state.id, { from: far ? to : here, to, at: now, takes });
}

onMessage((message) => {
  if (message.type !== "fleet" || (!message.whole && !message.vehicles.length)) return;
  const now = performance.now();
  const next = new Map(message.whole ? [] : vehicles.value);
  for (const state of message.vehicles) {
    const before = next.get(state.id);
    next.set(state.id, state);
    if (!before || before.x !== state.x || before.y !== state.y || before.heading !== state.heading || before.node !== state.node)
      place(state, now);
  }
  vehicles.value = next;
});

export function toggle(id: string): void {
  const next = new Set(chosen.value);
  if (!next.delete(id)) next.add(id);
  chosen.value = next;
}
