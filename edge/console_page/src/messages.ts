// What the edge sends and takes: docs/console.md.

export type Point = [x: number, y: number, map: string];

export interface Place {
  id: string;
  kind: string | null;
  name: string;
  node: string;
  charger: boolean;
}

export interface SiteVehicle {
  id: string;
  kind: string;
  name: string;
  number: number | null;
  home: string;
  manufacturer: string;
  serial_number: string;
}

export interface Site {
  id: string;
  name: string;
  languages: string[];
  operators: boolean;
  nodes: Record<string, Point>;
  edges: [string, string][];
  places: Place[];
  vehicles: SiteVehicle[];
  selectors: Record<string, string>;
  actions: { id: string; name: string; at_place: boolean }[];
}

export interface Command {
  action: string;
  vehicles: string[];
  from?: string;
  to?: string;
  name?: string;
}

export interface VehicleState {
  id: string;
  state: string;
  x: number | null;
  y: number | null;
  heading: number | null;
  map: string | null;
  node: string | null;
  base: string[];
  horizon: string[];
  speed: number | null;
  battery: number | null;
  charging: boolean;
  loaded: boolean | null;
  driving: boolean;
  stopped: boolean;
  halted: boolean;
  errors: string[];
  job: string | null;
  waiting: { job: string; command: Command | Command[] }[];
}

export interface Session {
  device: string;
  operator: string | null;
  needed: boolean;
  site: string;
  languages: string[];
}

export interface Health {
  commands: boolean;
  reason: string;
  hears: boolean;
  speaks: boolean;
  vehicles: number;
  reporting: number;
}

export interface Loads {
  told_at: number | null;
  loads: { id: string; place: string; type: string | null }[];
}

export interface Plan {
  state: string;
  request: string;
  goals?: { words?: string; kind: string }[];
  unsupported?: string[];
  steps: { vehicle: string; action: string; from?: string; to: string; start_s: number; end_s: number }[];
  explanation?: string;
}

export type Message =
  | { type: "ready"; device: string; hears: boolean; speaks: boolean; trouble: string; operator: string | null; sees: boolean }
  | { type: "fleet"; whole?: boolean; vehicles: VehicleState[] }
  | { type: "speech_started" | "endpoint"; [key: string]: unknown }
  | { type: "partial" | "final"; text: string }
  | { type: "utterance"; id: string; mine: boolean; seconds: number | null }
  | { type: "transcript"; id: string; mine: boolean; text: string; language: string; confidence: number; doubt: string }
  | { type: "decision"; id: string; mine: boolean; decision: Decision; command: Command | Command[]; confidence: number; reason: string; follows?: { how: string; utterance: string } }
  | { type: "order"; id: string; mine: boolean; vehicle: string | null; status: string; detail: string; command: Command | Command[] }
  | { type: "reply"; id: string; mine: boolean; text: string; language: string; urgency: string }
  | { type: "plan"; id: string; mine: boolean; state: string; plan: Plan; detail: string; picture?: string }
  | { type: "speech"; id: string }
  | { type: "speech_end"; id: string; cut: boolean }
  | { type: "pong"; n: number }
  | { type: "stopping"; n: number; vehicles: string[] }
  | { type: "error"; message: string };

export type Decision = "accept" | "confirm" | "ask" | "reject";
