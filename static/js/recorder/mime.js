// Which container and codecs to record in. The order is measured: H.264 first, because the server can then
// copy the picture instead of encoding it; Safari must get MP4, since the WebM it writes lies on its side.

const APPLE = [
  "video/mp4;codecs=avc1.42E01F,mp4a.40.2",
  "video/mp4;codecs=avc1,mp4a.40.2",
];
const STEADY = [
  "video/webm;codecs=h264,opus",
  "video/x-matroska;codecs=avc1,opus",
];
const REST = [
  "video/mp4;codecs=avc1.42E01F,opus",
  "video/webm;codecs=vp9,opus",
  "video/webm;codecs=vp8,opus",
  "video/mp4",
  "video/webm",
];

/** The type for MediaRecorder, or null where this browser cannot record at all. */
export function chooseType() {
  if (typeof MediaRecorder === "undefined") return null;
  const safari = navigator.vendor === "Apple Computer, Inc.";
  const order = safari ? [...APPLE, "video/mp4", ...STEADY, ...REST] : [...STEADY, ...APPLE, ...REST];
  return order.find((type) => MediaRecorder.isTypeSupported(type)) ?? null;
}
