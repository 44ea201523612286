// The live line: server-sent events, and coming back by itself when it breaks.

import * as api from "./api.js";

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 15_000;

/** `handlers`: message({persona, id, edited}), clock({now}), connected(afterBreak), lost(). */
export function listen(handlers) {
  let wait = FIRST_WAIT;
  let broken = false;

  function connect() {
    const source = api.events();
    source.addEventListener("open", () => {
      wait = FIRST_WAIT;
      handlers.connected(broken);
      broken = false;
    });
    source.addEventListener("message", (event) => told(event, handlers.message));
    source.addEventListener("clock", (event) => told(event, handlers.clock));
    source.addEventListener("error", () => {
      broken = true;
      handlers.lost();
      // The browser tries again after a broken line, but gives up for good on an answer it did not expect.
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
  }

  connect();
}

function told(event, handle) {
  let data;
  try {
    data = JSON.parse(event.data);
  } catch {
    return; // a heartbeat, or something newer than this page
  }
  handle(data);
}
