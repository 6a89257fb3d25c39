// The camera and the microphone: asks for them, names what went wrong, lists what could be chosen instead.

import { chooseType } from "./mime.js";

const CHOICE = "vidmsg-devices";

/** `name` is one of words.TROUBLE. */
export class Trouble extends Error {
  constructor(name) {
    super(name);
    this.name = name;
  }
}

/** What she chose the last time: {camera, microphone}, device ids or "". */
export function chosen() {
  try {
    return { camera: "", microphone: "", ...JSON.parse(localStorage.getItem(CHOICE)) };
  } catch {
    return { camera: "", microphone: "" };
  }
}

export function choose(devices) {
  try {
    localStorage.setItem(CHOICE, JSON.stringify(devices));
  } catch {
    // A private window forgets the choice; it still holds for this page.
  }
}

/** A running stream of picture and sound, or a Trouble. A remembered device that is gone is forgotten. */
export async function openCamera() {
  const devices = chosen();
  try {
    return await ask(devices);
  } catch (error) {
    if (error.name !== "OverconstrainedError" && error.name !== "NotFoundError") throw await trouble(error);
    if (!devices.camera && !devices.microphone) throw await trouble(error);
    choose({ camera: "", microphone: "" });
  }
  return ask({ camera: "", microphone: "" }).catch(async (error) => { throw await trouble(error); });
}

async function ask({ camera, microphone }) {
  if (!window.isSecureContext) throw new Trouble("insecure");
  if (!navigator.mediaDevices?.getUserMedia || !chooseType()) throw new Trouble("no-recorder");
  const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
  const video = camera ? { deviceId: { exact: camera }, ...size } : { facingMode: "user", ...size };
  const audio = microphone ? { deviceId: { exact: microphone } } : true;
  return navigator.mediaDevices.getUserMedia({ video, audio });
}

async function trouble(error) {
  if (error instanceof Trouble) return error;
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      return new Trouble("refused");
    case "NotReadableError":
    case "AbortError":
      return new Trouble("busy");
    case "OverconstrainedError":
      return new Trouble("gone");
    case "NotFoundError":
      return new Trouble(await missing());
    default:
      return new Trouble("other");
  }
}

async function missing() {
  const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  const camera = all.some((device) => device.kind === "videoinput");
  return camera && !all.some((device) => device.kind === "audioinput") ? "no-microphone" : "no-camera";
}

/** Cameras and microphones as {camera: [{id, label}], microphone: […]}; names are known once she has agreed. */
export async function devices() {
  const all = await navigator.mediaDevices.enumerateDevices();
  const of = (kind, word) =>
    all
      .filter((device) => device.kind === kind && device.deviceId)
      .map((device, index) => ({ id: device.deviceId, label: device.label || `${word} ${index + 1}` }));
  return { camera: of("videoinput", "Camera"), microphone: of("audioinput", "Microphone") };
}

export function close(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}
