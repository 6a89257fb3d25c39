// The wire: tus 1.0.0 as a client speaks it (creation, creation-defer-length, checksum). One function a
// request, no retries and no memory; the uploader decides what an answer means.

const VERSION = { "Tus-Resumable": "1.0.0" };

/** The server answered, but not with what was asked for. `message` is the server's own sentence, if any. */
export class Refused extends Error {
  constructor(status, message) {
    super(message || `The server answered ${status}.`);
    this.status = status;
    this.told = Boolean(message);
  }
}

/** Base64 of bytes, for headers. */
function base64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

const metadata = (values) =>
  Object.entries(values)
    .map(([key, value]) => `${key} ${base64(new TextEncoder().encode(String(value)))}`)
    .join(",");

/** A slow line may take long over a big body, so the patience grows with it (8 kB/s is the slowest we wait for). */
const patience = (bytes) => AbortSignal.timeout(30000 + bytes / 8);

async function ask(url, options, bytes = 0) {
  const request = { cache: "no-store", redirect: "manual", signal: patience(bytes), ...options };
  const answer = await fetch(url, request);
  // A redirect can only be the way to the sign-in page.
  if (answer.type === "opaqueredirect") throw new Refused(401, "");
  if (!answer.ok) throw new Refused(answer.status, await sentence(answer));
  return answer;
}

async function sentence(answer) {
  try {
    const body = await answer.json();
    return body.message ?? body.error?.message ?? "";
  } catch {
    return "";
  }
}

/** Opens an upload. `length` in bytes, or null for a take that is still growing. */
export async function create(url, { csrf, length, values }) {
  const size = length === null ? { "Upload-Defer-Length": "1" } : { "Upload-Length": String(length) };
  const headers = { ...VERSION, ...size, "Upload-Metadata": metadata(values), "X-CSRFToken": csrf };
  const answer = await ask(url, { method: "POST", headers });
  const location = answer.headers.get("Location");
  // No address: somebody between us and the server answered, or the sign-in page did.
  if (!location) throw new Refused(401, "");
  const { upload, video } = await answer.json();
  return { location: new URL(location, document.baseURI).href, upload, video };
}

/** How far the server has come: {offset, length}, length null while it is open. */
export async function head(location) {
  const answer = await ask(location, { method: "HEAD", headers: VERSION });
  const length = answer.headers.get("Upload-Length");
  return { offset: Number(answer.headers.get("Upload-Offset")), length: length === null ? null : Number(length) };
}

/** Sends `bytes` at `offset`, answers the new offset. `length` declares the end of a deferred upload. */
export async function patch(location, offset, bytes, length = null) {
  const headers = { ...VERSION, "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) };
  if (length !== null) headers["Upload-Length"] = String(length);
  // Only pages over https or on localhost can hash.
  if (bytes.length && globalThis.crypto?.subtle) {
    headers["Upload-Checksum"] = `sha256 ${base64(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)))}`;
  }
  const answer = await ask(location, { method: "PATCH", headers, body: bytes }, bytes.length);
  return Number(answer.headers.get("Upload-Offset"));
}

/** A plain POST of this app with its CSRF token; the JSON of the answer, or null when it has none. */
export async function post(url, csrf) {
  const answer = await ask(url, { method: "POST", headers: { "X-CSRFToken": csrf, Accept: "application/json" } });
  return answer.status === 204 ? null : answer.json();
}
