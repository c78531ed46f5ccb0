import { signal } from "@preact/signals";
import { session, signIn, signOut } from "./connection";
import { change, type Settings, settings } from "./settings";
import { languageName, languages, text } from "./texts";

const THEMES: Settings["theme"][] = ["system", "light", "dark", "contrast"];
const wrong = signal("");

export function SignIn() {
  const t = text.value;
  return (
    <main>
      <form
        class="sign-in"
        onSubmit={(event) => {
          event.preventDefault();
          const given = new FormData(event.currentTarget);
          wrong.value = "";
          signIn(String(given.get("operator")), String(given.get("pin"))).catch(
            (error: Error) => (wrong.value = error.message),
          );
        }}
      >
        <h2>{t("sign_in")}</h2>
        <label>
          {t("operator")}
          <input name="operator" autocomplete="username" required maxLength={128} />
        </label>
        <label>
          {t("pin")}
          <input name="pin" type="password" inputMode="numeric" autocomplete="current-password" required maxLength={128} />
        </label>
        <button type="submit">{t("sign_in")}</button>
        {wrong.value && <p role="alert">{wrong.value}</p>}
      </form>
    </main>
  );
}

export function SettingsPane() {
  const t = text.value;
  const { language, theme, speaks, loudness } = settings.value;
  const spoken = session.value?.languages ?? [];
  return (
    <form class="settings" onSubmit={(event) => event.preventDefault()}>
      {session.value?.operator && (
        <p>
          {t("signed_in", { name: session.value.operator })} <button onClick={() => void signOut()}>{t("sign_out")}</button>
        </p>
      )}
      <label>
        {t("language")}
        <select value={language || spoken[0]} onChange={(event) => change({ language: event.currentTarget.value })}>
          {[...new Set([...spoken, ...languages])].map((code) => (
            <option key={code} value={code} lang={code}>
              {languageName(code)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t("theme")}
        <select value={theme} onChange={(event) => change({ theme: event.currentTarget.value as Settings["theme"] })}>
          {THEMES.map((one) => (
            <option key={one} value={one}>
              {t(`theme_${one}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <input type="checkbox" checked={speaks} onChange={(event) => change({ speaks: event.currentTarget.checked })} />
        {t("spoken_replies")}
      </label>
      <label>
        {t("loudness")}
        <input
          type="range"
          min="0"
          max="1"
          step="0.05"
          value={loudness}
          onInput={(event) => change({ loudness: Number(event.currentTarget.value) })}
        />
      </label>
      <p>
        <a href="?wall">{t("wall")}</a>
      </p>
    </form>
  );
}
