// The calls to the server. Whatever goes wrong becomes one sentence that a person can act on.

import { texts } from "./words.js";

const ROOT = "/sandbox/";
const PATIENCE = 60_000; // the server answers after everything is committed and delivered

/** A call that failed. `message` is the sentence to show; `lost` means that nobody can say whether it counted. */
export class Failure extends Error {
  constructor(sentence, lost) {
    super(sentence);
    this.lost = lost;
  }
}

/** An id for one act of the person: sent again after a lost answer, it still counts once. */
export function eventId() {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  // Only missing on plain http from another machine, where the demo may well be shown.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const personas = () => call("personas");
export const messages = (id, after) => call(`personas/${encodeURIComponent(id)}/messages?after=${after}`);
export const post = (id, body) => call(`personas/${encodeURIComponent(id)}/messages`, body);
export const clock = () => call("clock");
export const moveClock = (move) => call("clock", move, 0); // a week may take its time
export const events = () => new EventSource(`${ROOT}events`);

async function call(path, body, patience = PATIENCE) {
  const stop = new AbortController();
  const timer = patience ? setTimeout(() => stop.abort(), patience) : 0;
  try {
    const response = await fetch(ROOT + path, request(body, stop.signal));
    if (!response.ok) throw new Failure(await sentence(response), response.status >= 500);
    return await response.json().catch(() => null);
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(texts.error_network, true);
  } finally {
    clearTimeout(timer);
  }
}

function request(body, signal) {
  const common = { signal, cache: "no-store", credentials: "same-origin" };
  if (body === undefined) return common;
  if (body instanceof FormData) return { ...common, method: "POST", body };
  const headers = { "Content-Type": "application/json" };
  return { ...common, method: "POST", headers, body: JSON.stringify(body) };
}

/** The server's own sentence for a refusal if it gave one, else ours for that kind of failure. */
async function sentence(response) {
  if (response.status >= 500) return texts.error_server;
  if (response.status === 413) return texts.error_too_large;
  const answer = await response.json().catch(() => null);
  const detail = answer?.detail;
  const own = typeof detail === "string" && detail && detail !== response.statusText;
  return own ? detail : texts.error_refused;
}
