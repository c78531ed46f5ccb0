// The stop that is always there, and who stands still by now.
import { signal } from "@preact/signals";
import { sees, sendOrder, sendStop } from "./connection";
import { chosen, nameOf, vehicles } from "./fleet";
import { text } from "./texts";

const stopped = signal<string[] | null>(null);
const answered = signal<boolean | null>(null);
let newest = 0;
const resuming = signal(false);

function stop(ids: string[]): void {
  const sent = sendStop(ids);
  const press = ++newest;
  stopped.value = ids;
  answered.value = null;
  resuming.value = false;
  void sent.then((went) => {
    if (press === newest) answered.value = went;
  });
}

export function StopBar() {
  const t = text.value;
  const some = [...chosen.value];
  return (
    <div class="stop-bar">
      {some.length > 0 && (
        <button class="stop" onClick={() => stop(some)}>
          {t("stop_chosen", { n: some.length })}
        </button>
      )}
      <button class="stop" onClick={() => stop(["*"])}>
        {t("stop_all")}
      </button>
      {stopped.value && answered.value === null && (
        <p class="stop-told" role="status">
          {t("stop_sending")}
        </p>
      )}
      {answered.value === false && (
        <p class="stop-told lost" role="alert">
          {t("stop_failed")}
        </p>
      )}
      {stopped.value && answered.value && <Progress ids={stopped.value} />}
    </div>
  );
}

function Progress({ ids }: { ids: string[] }) {
  const t = text.value;
  if (!sees.value)
    return (
      <p class="stop-told" role="status">
        {t("stop_sent")}
      </p>
    );
  const meant = [...vehicles.value.values()].filter((vehicle) => ids.includes("*") || ids.includes(vehicle.id));
  const moving = meant.filter((vehicle) => !vehicle.halted);
  const names = ids.map(nameOf).join(", ");
  return (
    <div class="stop-told" role="status">
      <p>{t("stop_progress", { n: meant.length - moving.length, m: meant.length })}</p>
      {moving.length > 0 && moving.length <= 10 && (
        <p>{t("stop_waiting", { names: moving.map((vehicle) => nameOf(vehicle.id)).join(", ") })}</p>
      )}
      {resuming.value ? (
        <p>
          {t("resume_sure", { names })}{" "}
          <button
            onClick={() => {
              if (sendOrder({ action: "resume", vehicles: ids })) stopped.value = null;
              resuming.value = false;
            }}
          >
            {t("yes")}
          </button>{" "}
          <button onClick={() => (resuming.value = false)}>{t("no")}</button>
        </p>
      ) : (
        <p>
          <button onClick={() => (resuming.value = true)}>{t("resume")}</button>{" "}
          <button onClick={() => (stopped.value = null)}>{t("close")}</button>
        </p>
      )}
    </div>
  );
}
