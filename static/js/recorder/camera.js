// The camera and the microphone: asks for them, names what went wrong, lists what could be chosen instead.

import { chooseType } from "./mime.js";

const CHOICE = "vidmsg-devices";
const FIRST = { camera: "", microphone: "", shape: "tall" };
const WIDE = { width: { ideal: 1280 }, height: { ideal: 720 } };
const TALL = { width: { ideal: 406 }, height: { ideal: 720 } };
/** Fewer lines than this leave too few columns for a tall cut, more than that nobody sees on a phone. */
const FEWEST_LINES = 480;
const MOST_LINES = 1080;

/** `name` is one of words.TROUBLE. */
export class Trouble extends Error {
  constructor(name) {
    super(name);
    this.name = name;
  }
}

/** What she chose the last time: device ids or "", and the shape "tall" or "wide". */
export function chosen() {
  try {
    return { ...FIRST, ...JSON.parse(localStorage.getItem(CHOICE)) };
  } catch {
    return FIRST;
  }
}

/**
 * A camera on a desk sees wide, but the video is watched on a phone held upright. Where the browser can cut
 * the picture tall, she is as large there as she is here; a phone's own camera turns with the phone.
 */
export function canBeTall() {
  const desk = matchMedia("(pointer: fine)").matches;
  return desk && Boolean(navigator.mediaDevices?.getSupportedConstraints().resizeMode);
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
    choose({ ...devices, camera: "", microphone: "" });
  }
  return ask(chosen()).catch(async (error) => { throw await trouble(error); });
}

async function ask({ camera, microphone, shape }) {
  if (!window.isSecureContext) throw new Trouble("insecure");
  if (!navigator.mediaDevices?.getUserMedia || !chooseType()) throw new Trouble("no-recorder");
  const tall = shape === "tall" && canBeTall();
  const size = tall ? TALL : WIDE;
  const video = camera ? { deviceId: { exact: camera }, ...size } : { facingMode: "user", ...size };
  const audio = microphone ? { deviceId: { exact: microphone } } : true;
  const stream = await navigator.mediaDevices.getUserMedia({ video, audio });
  if (tall) await cut(stream.getVideoTracks()[0]);
  return stream;
}

/** Cuts as tall as this camera's lines allow; encoders want even numbers. */
async function cut(track) {
  const lines = Math.min(MOST_LINES, track.getCapabilities?.().height?.max ?? 720);
  if (lines === 720) return;
  const size = { width: { ideal: 2 * Math.round((lines * 9) / 32) }, height: { ideal: lines } };
  await track.applyConstraints(lines < FEWEST_LINES ? WIDE : size).catch(() => {});
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
