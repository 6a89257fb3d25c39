// Before the take: she sees herself, the meter and the light, and chooses camera, microphone and countdown.

import * as cameras from "./camera.js";
import { countdownOn, setCountdown } from "./countdown.js";
import { keysOn, setKeys } from "./keys.js";
import { Light } from "./light.js";
import { Meter } from "./meter.js";
import { parts, shape } from "./view.js";

export class Stage {
  /** `changed()` is called after she has chosen other devices. */
  constructor(changed) {
    this.changed = changed;
    this.stream = null;
    this.meter = new Meter(parts.bars, parts.sound);
    this.light = new Light(parts.room, parts.light);
    parts.open.addEventListener("click", () => this.openSetup());
    parts.setup.addEventListener("close", () => this.closeSetup());
    // Kept as she ticks them: the dialog's close comes too late for a page that is left right after.
    parts.counting.addEventListener("change", () => setCountdown(parts.counting.checked));
    parts.keys.addEventListener("change", () => setKeys(parts.keys.checked));
    parts.live.addEventListener("resize", () => shape(parts.live));
    parts.shape.hidden = !cameras.canBeTall();
  }

  /** Opens the camera and shows it; throws a Trouble. */
  async open() {
    this.close();
    this.stream = await cameras.openCamera();
    parts.live.srcObject = this.stream;
    await parts.live.play().catch(() => {});
    shape(parts.live);
    this.meter.listen(this.stream);
    this.light.look(parts.live);
  }

  close() {
    cameras.close(this.stream);
    this.meter.close();
    this.light.close();
    parts.live.srcObject = null;
    this.stream = null;
  }

  /** False when a track has ended since, as on phones after the page was away. */
  get alive() {
    return this.stream !== null && this.stream.getTracks().every((track) => track.readyState === "live");
  }

  async openSetup() {
    const found = await cameras.devices();
    const now = cameras.chosen();
    fill(parts.camera, found.camera, now.camera || this.current("video"));
    fill(parts.microphone, found.microphone, now.microphone || this.current("audio"));
    parts.setup.querySelector(`[name=shape][value=${now.shape}]`).checked = true;
    parts.counting.checked = countdownOn();
    parts.keys.checked = keysOn();
    parts.setup.showModal();
  }

  current(kind) {
    return this.stream?.getTracks().find((track) => track.kind === kind)?.getSettings().deviceId ?? "";
  }

  closeSetup() {
    const picked = parts.setup.querySelector("[name=shape]:checked").value;
    const same = parts.camera.value === this.current("video") && parts.microphone.value === this.current("audio");
    if (same && picked === cameras.chosen().shape) return;
    cameras.choose({ camera: parts.camera.value, microphone: parts.microphone.value, shape: picked });
    this.changed();
  }
}

function fill(select, devices, current) {
  select.replaceChildren(...devices.map(({ id, label }) => new Option(label, id, id === current, id === current)));
}
