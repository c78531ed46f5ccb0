// Sound: from the microphone to the edge while the button is held, and replies from the edge to the loudspeaker.
import { effect, signal } from "@preact/signals";
import { hears, onMessage, onSound, send, sendSound, state } from "./connection";
import { settings } from "./settings";

const RATE = 16000;

export const talking = signal(false);
export const hearing = signal("");
export const microphoneTrouble = signal("");

let context: AudioContext | null = null;
let opening: Promise<void> | null = null;
let loudness: GainNode | null = null;
let playing: AudioBufferSourceNode[] = [];
let playUntil = 0;
let held = false;

async function openMicrophone(): Promise<void> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  });
  const audio = audioContext();
  for (const track of stream.getTracks()) {
    track.onended = () => {
      opening = null;
      release();
    };
  }
  await audio.audioWorklet.addModule("./microphone.js");
  const microphone = new AudioWorkletNode(audio, "microphone", { numberOfOutputs: 0, channelCount: 1 });
  microphone.port.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
    if (talking.value) sendSound(data);
  };
  audio.createMediaStreamSource(stream).connect(microphone);
}

function audioContext(): AudioContext {
  if (!context) {
    context = new AudioContext();
    loudness = context.createGain();
    loudness.gain.value = settings.value.loudness;
    loudness.connect(context.destination);
  }
  return context;
}

export async function press(): Promise<void> {
  if (held || !hears.value) return;
  held = true;
  hush();
  if (!navigator.mediaDevices) {
    microphoneTrouble.value = "https";
    held = false;
    return;
  }
  try {
    await audioContext().resume();
    await (opening ??= openMicrophone());
    microphoneTrouble.value = "";
  } catch (error) {
    opening = null;
    held = false;
    microphoneTrouble.value = error instanceof Error ? error.message : String(error);
    return;
  }
  if (held && send({ type: "press" })) {
    hearing.value = "";
    talking.value = true;
  }
}

export function release(): void {
  held = false;
  if (!talking.value) return;
  talking.value = false;
  send({ type: "release" });
}

/** Say no more of the reply that is being spoken. */
export function hush(): void {
  for (const source of playing) source.stop();
  playing = [];
  playUntil = 0;
}

onSound((sound) => {
  const samples = new Int16Array(sound);
  const audio = audioContext();
  if (!samples.length || talking.value || audio.state !== "running") return;
  const buffer = audio.createBuffer(1, samples.length, RATE);
  const channel = buffer.getChannelData(0);
  samples.forEach((sample, at) => (channel[at] = sample / 32768));
  const source = audio.createBufferSource();
  source.buffer = buffer;
  source.connect(loudness!);
  playUntil = Math.max(playUntil, audio.currentTime + 0.05);
  source.start(playUntil);
  playUntil += buffer.duration;
  playing.push(source);
  source.onended = () => (playing = playing.filter((other) => other !== source));
});

onMessage((message) => {
  if (message.type === "partial" || message.type === "final") hearing.value = message.text;
  else if (message.type === "decision") hearing.value = "";
  else if (message.type === "speech_end" && message.cut) hush();
});

/** Browsers play sound only after somebody has touched the page. */
function wake(): void {
  void audioContext().resume();
}
addEventListener("pointerdown", wake);
addEventListener("keydown", wake);

effect(() => {
  if (state.value !== "open") {
    talking.value = false;
    held = false;
  }
});
effect(() => {
  const wanted = settings.value.loudness;
  if (loudness) loudness.gain.value = wanted;
});
