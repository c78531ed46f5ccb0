// Runs on the browser's audio thread: 16-bit samples at 16 kHz, a tenth of a second at a time, whatever the device's rate.
const RATE = 16000;

class Microphone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Int16Array(RATE / 10);
    this.filled = 0;
    this.sum = 0;
    this.count = 0;
    this.due = 0;
  }

  // The mean of the samples that fall into one of ours; a device at 16 kHz is taken as it is.
  process([input]) {
    for (const sample of input[0] ?? []) {
      this.sum += sample;
      this.count += 1;
      this.due += RATE / sampleRate;
      while (this.due >= 1) {
        this.due -= 1;
        this.push(this.sum / this.count);
      }
      if (this.due < RATE / sampleRate) {
        this.sum = 0;
        this.count = 0;
      }
    }
    return true;
  }

  push(sample) {
    this.block[this.filled++] = Math.max(-1, Math.min(1, sample)) * 32767;
    if (this.filled === this.block.length) {
      this.port.postMessage(this.block.slice().buffer);
      this.filled = 0;
    }
  }
}

registerProcessor("microphone", Microphone);
