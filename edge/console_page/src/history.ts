// What was said here, and what became of it; and the plans.
import { computed, signal } from "@preact/signals";
import { onMessage } from "./connection";
import type { Command, Decision, Plan } from "./messages";

const MOST = 500;
const MOST_PLANS = 50;

export interface Entry {
  id: string;
  at: Date;
  spoken: boolean;
  text: string;
  doubt: string;
  decision: Decision | null;
  command: Command[];
  reason: string;
  reply: string;
  replyLanguage: string;
  orders: Record<string, string>;
  /** The utterance whose question it answers or puts again. */
  answers: string;
}

export interface PlanEntry {
  id: string;
  mine: boolean;
  state: string;
  plan: Plan;
  detail: string;
  picture: string;
}

export const entries = signal<readonly Entry[]>([]);
export const plans = signal<readonly PlanEntry[]>([]);
export const notice = signal("");

/** The newest question that still waits for a yes or a no, as far as this page knows: the edge looks at what a yes is to. */
export const question = computed<string | null>(() => {
  const plan = plans.value.find((one) => one.mine && one.state === "proposed");
  for (const entry of [...entries.value].reverse()) {
    if (entry.id === plan?.id) return plan.id;
    if (entry.decision === "confirm") return entry.id;
    if (entry.decision === "accept" && entry.command.some((command) => command.action !== "status")) return null;
    if (entry.decision === "reject" && entry.answers) return null;
  }
  return plan?.id ?? null;
});

function change(id: string, some: Partial<Entry>): void {
  entries.value = entries.value.map((entry) => (entry.id === id ? { ...entry, ...some } : entry));
}

onMessage((message) => {
  switch (message.type) {
    case "utterance":
      if (message.mine && !entries.value.some((entry) => entry.id === message.id))
        entries.value = [
          ...entries.value.slice(-MOST + 1),
          {
            id: message.id,
            at: new Date(),
            spoken: message.seconds !== null,
            text: "",
            doubt: "",
            decision: null,
            command: [],
            reason: "",
            reply: "",
            replyLanguage: "",
            orders: {},
            answers: "",
          },
        ];
      break;
    case "transcript":
      change(message.id, { text: message.text, doubt: message.doubt });
      break;
    case "decision":
      change(message.id, { decision: message.decision, command: [message.command].flat(), reason: message.reason, answers: message.follows?.utterance ?? "" });
      break;
    case "reply":
      change(message.id, { reply: message.text, replyLanguage: message.language });
      if (!entries.value.some((entry) => entry.id === message.id)) notice.value = message.text;
      break;
    case "order": {
      const entry = entries.value.find((one) => one.id === message.id);
      if (entry && message.vehicle) change(message.id, { orders: { ...entry.orders, [message.vehicle]: message.status } });
      break;
    }
    case "plan": {
      const { id, mine, state, plan, detail, picture } = message;
      const before = plans.value.find((one) => one.id === id);
      const next = { id, mine, state, plan, detail, picture: picture ?? before?.picture ?? "" };
      plans.value = [...plans.value.filter((one) => one.id !== id), next].slice(-MOST_PLANS);
      break;
    }
    case "error":
      notice.value = message.message;
      break;
  }
});
