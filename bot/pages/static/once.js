"use strict";

// A form that hands something in is sent once: where the network is slow, a second tap would take the place of the first
// one's answer, and its sender would not see that it was recorded.
const PATIENCE = 15000; // milliseconds until one may try again

for (const form of document.querySelectorAll("[data-once]")) {
  let sent = 0;
  form.addEventListener("submit", (event) => {
    if (Date.now() - sent < PATIENCE) event.preventDefault();
    else sent = Date.now();
  });
  window.addEventListener("pageshow", () => {
    sent = 0;
  });
}
