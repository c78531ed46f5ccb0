import { nameOf } from "./fleet";
import { type PlanEntry, plans } from "./history";
import { YesNo } from "./talk_pane";
import { text, word } from "./texts";

const GAP_MIN = 60;

export function PlansPane() {
  const t = text.value;
  if (!plans.value.length) return <p>{t("no_plans")}</p>;
  return (
    <>
      {[...plans.value].reverse().map((entry) => (
        <Plan key={entry.id} entry={entry} />
      ))}
    </>
  );
}

function Plan({ entry }: { entry: PlanEntry }) {
  const t = text.value;
  const { plan } = entry;
  return (
    <article class="plan">
      <h2>
        {word(entry.state)} {entry.mine && entry.state === "proposed" && <YesNo id={entry.id} plan />}
      </h2>
      {plan.request && <p>{t("plan_asked", { text: plan.request })}</p>}
      {entry.detail && <p>{entry.detail}</p>}
      {plan.explanation && <p dir="auto">{plan.explanation}</p>}
      {plan.goals?.some((goal) => goal.words) && (
        <>
          <h3>{t("plan_goals")}</h3>
          <ul>
            {plan.goals.map((goal, at) => (
              <li key={at}>{goal.words ?? goal.kind}</li>
            ))}
          </ul>
        </>
      )}
      {plan.unsupported && plan.unsupported.length > 0 && (
        <>
          <h3>{t("plan_left_out")}</h3>
          <ul>
            {plan.unsupported.map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        </>
      )}
      {entry.picture ? (
        <img alt={t("plan_steps")} src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(entry.picture)}`} />
      ) : null}
      {plan.steps.length > 0 && (
        <details>
          <summary>{t("plan_steps")}</summary>
          <table>
            <tbody>
              {[...plan.steps]
                .sort((one, other) => one.start_s - other.start_s)
                .map((step, at) => (
                  <tr key={at}>
                    <td>
                      {clock(step.start_s)}–{clock(step.end_s)}
                    </td>
                    <td>{nameOf(step.vehicle)}</td>
                    <td>{word(step.action)}</td>
                    <td>{[step.from, step.to].filter((one) => one !== undefined).map((one) => nameOf(one)).join(" → ")}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </details>
      )}
    </article>
  );
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / GAP_MIN)}:${String(Math.floor(seconds % GAP_MIN)).padStart(2, "0")}`;
}
