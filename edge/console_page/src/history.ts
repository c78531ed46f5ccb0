// What was said here, and what became of it; and the plans.
import { computed, signal } from "@preact/signals";
import { onMessage } from "./connection";
import type { Command, Decision, Plan } from "./messages";

const MOST = 500;

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

/** The newest question that still waits for a yes or a no. */
export const question = computed<string | null>(() => {
  const newest = entries.value.at(-1);
  if (!newest) return null;
  const plan = plans.value.find((one) => one.id === newest.id);
  if (plan) return plan.mine && plan.state === "proposed" ? newest.id : null;
  return newest.decision === "confirm" || newest.decision === "ask" ? newest.id : null;
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
          },
        ];
      break;
    case "transcript":
      change(message.id, { text: message.text, doubt: message.doubt });
      break;
    case "decision":
      change(message.id, { decision: message.decision, command: [message.command].flat(), reason: message.reason });
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
      plans.value = [...plans.value.filter((one) => one.id !== id), next];
      break;
    }
    case "error":
      notice.value = message.message;
      break;
  }
});
