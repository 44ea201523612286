// A form as one page: each answer is sent as it is given. What could not be sent yet waits in this tab and nowhere else,
// is sent when there is a connection, and is gone from here once it was. Without this script the form works as a whole.

const PREFIX = "fpc:";
const TYPING = 1200; // milliseconds without a keystroke, then a text is sent
const PATIENCE = 15000;
const PATIENCE_WITH_PHOTOS = 90000;
const LARGEST_PHOTO = 8 * 1024 * 1024;
const PAUSES = [2000, 5000, 10000, 20000, 30000];

const form = document.getElementById("form");
for (const leaving of document.querySelectorAll("[data-leaves]")) {
  leaving.addEventListener("submit", () => forget(() => true));
}
const printer = document.querySelector("[data-print]");
if (printer) {
  printer.hidden = false;
  printer.addEventListener("click", () => window.print());
}
if (form) begin(form);

/** Takes what waits in this tab away: all of it, or what `which` says of the parsed entry. */
function forget(which) {
  try {
    for (const name of Object.keys(sessionStorage).filter((one) => one.startsWith(PREFIX))) {
      if (which(JSON.parse(sessionStorage.getItem(name)))) sessionStorage.removeItem(name);
    }
  } catch {
    // Storage is switched off: nothing is there.
  }
}

function begin(form) {
  const words = form.dataset;
  const place = PREFIX + words.draft;
  const status = document.getElementById("status");
  const trouble = document.getElementById("trouble");
  const questions = new Map([...form.querySelectorAll("fieldset[data-key]")].map((one) => [one.dataset.key, one]));
  const typing = new Map(); // key → timer
  const refused = new Set(); // shown with a problem: what stands there is not what is kept
  let unsent = {}; // key → {inputs, seen}
  let sending = null;
  let pause = 0;
  let again = 0;
  let over = false; // nobody is logged in here any more: what waits, waits
  let gone = false; // the form itself is over

  forget((entry) => entry?.whose !== words.whose);
  for (const only of form.querySelectorAll("[data-plain]")) only.hidden = true;
  for (const quick of form.querySelectorAll(".quick")) quick.hidden = false;
  for (const [key, question] of questions) if (problemOf(key).textContent) refused.add(key);
  const first = [...questions.keys()].find((key) => refused.has(key));
  if (first) lead(questions.get(first));
  restore();

  form.addEventListener("input", ({ target }) => {
    const question = target.closest("fieldset[data-key]");
    if (!question || target.type === "file") return;
    if (target.name.endsWith(".more")) tickTyped(question, target);
    const key = question.dataset.key;
    clearTimeout(typing.get(key));
    typing.set(key, setTimeout(() => note(key), TYPING));
  });
  form.addEventListener("change", ({ target }) => {
    const question = target.closest("fieldset[data-key]");
    if (question && target.type === "file") sendPhoto(question, target);
    else if (question) note(question.dataset.key);
  });
  form.addEventListener("click", ({ target }) => {
    const day = target.dataset?.day;
    if (!day) return;
    const question = target.closest("fieldset[data-key]");
    question.querySelector("input[type=date]").value = day;
    note(question.dataset.key);
  });
  form.addEventListener("submit", (event) => {
    for (const key of [...typing.keys()]) note(key);
    if (navigator.onLine && !Object.keys(unsent).length) return;
    event.preventDefault();
    const button = event.submitter;
    send().then(() => {
      if (Object.keys(unsent).length || !navigator.onLine) say(over ? words.ended : words.wait, true);
      else form.requestSubmit(button);
    });
  });
  window.addEventListener("online", send);
  window.addEventListener("offline", () => say(words.offline, true));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") for (const key of [...typing.keys()]) note(key);
  });
  window.addEventListener("beforeunload", (event) => {
    if (Object.keys(unsent).length) event.preventDefault();
  });

  function note(key) {
    clearTimeout(typing.get(key));
    typing.delete(key);
    if (gone) return;
    unsent[key] = { inputs: inputsOf(questions.get(key)), seen: unsent[key]?.seen ?? seenOf(key).value };
    keep();
    send();
  }

  function keep() {
    try {
      if (Object.keys(unsent).length) {
        sessionStorage.setItem(place, JSON.stringify({ whose: words.whose, unsent }));
      } else {
        sessionStorage.removeItem(place);
      }
    } catch {
      // Storage is full or switched off: the page itself still has it.
    }
  }

  function restore() {
    let kept = null;
    try {
      kept = JSON.parse(sessionStorage.getItem(place));
    } catch {
      // Storage is switched off: nothing is there.
    }
    for (const [key, entry] of Object.entries(kept?.unsent ?? {})) {
      const question = questions.get(key);
      if (!question) continue;
      unsent[key] = entry;
      show(question, {
        chosen: entry.inputs[`a.${key}`] ?? [],
        text: (entry.inputs[`a.${key}.more`] ?? entry.inputs[`a.${key}`] ?? [""])[0] ?? "",
        ends: ["from", "to"].map((end) => (entry.inputs[`a.${key}.${end}`] ?? [""])[0]),
      });
    }
    if (Object.keys(unsent).length) send();
  }

  /** Sends what waits, one answer after the other; resolves when all is sent, or no more can be for now. */
  function send() {
    sending ??= sendAll().finally(() => {
      sending = null;
    });
    return sending;
  }

  async function sendAll() {
    clearTimeout(again);
    while (!over && !gone && Object.keys(unsent).length) {
      const [key, entry] = Object.entries(unsent)[0];
      if (!navigator.onLine) return later();
      say(words.saving);
      let answer;
      try {
        answer = await post(key, entry);
      } catch {
        return later();
      }
      if (answer.status >= 500) return later();
      pause = 0;
      const body = await answer.json().catch(() => ({}));
      if (!answer.ok) return stop(answer.status, body.detail);
      if (unsent[key] === entry) delete unsent[key];
      else unsent[key].seen = body.marks[key];
      take(key, body);
      keep();
    }
  }

  function post(key, { inputs, seen }) {
    const marks = Object.fromEntries([...questions.keys()].map((one) => [one, seenOf(one).value]));
    return fetch(`${form.getAttribute("action")}/answer`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ page: form.elements.page.value, key, inputs, seen, marks }),
      signal: AbortSignal.timeout(PATIENCE),
    });
  }

  /** A photo is sent as it is chosen, and never waits in this tab. */
  async function sendPhoto(question, input) {
    const key = question.dataset.key;
    const photo = input.files[0];
    if (!photo) return;
    if (photo.size > LARGEST_PHOTO) {
      input.value = "";
      return complain(key, words.photo_large);
    }
    say(words.saving);
    const body = new FormData();
    const marks = Object.fromEntries([...questions.keys()].map((one) => [one, seenOf(one).value]));
    const parts = { page: form.elements.page.value, key, marks: JSON.stringify(marks), file: photo };
    for (const [name, part] of Object.entries(parts)) body.append(name, part);
    let answer = null;
    try {
      const signal = AbortSignal.timeout(PATIENCE_WITH_PHOTOS);
      answer = await fetch(`${form.getAttribute("action")}/photo`, { method: "POST", body, signal });
    } catch {
      // No connection: as if the server had been away.
    }
    input.value = "";
    if (!answer || answer.status >= 500) return say(words.photo_offline, true);
    const found = await answer.json().catch(() => ({}));
    if (!answer.ok) return stop(answer.status, found.detail);
    take(key, found);
  }

  function later() {
    say(words.offline, true);
    clearTimeout(again);
    again = setTimeout(send, PAUSES[Math.min(pause, PAUSES.length - 1)]);
    pause += 1;
  }

  function stop(code, detail) {
    if (code === 401) {
      over = true;
      say(words.ended, true);
      return;
    }
    // The form is over, or no longer this person's: nothing of it is to stay on a shared phone.
    gone = true;
    unsent = {};
    keep();
    say("");
    trouble.textContent = detail ?? "";
    trouble.hidden = false;
    trouble.scrollIntoView({ block: "center" });
  }

  function take(key, body) {
    if (body.problem) refused.add(key);
    else refused.delete(key);
    complain(key, body.problem, body.conflict);
    if (body.danger) warn(body.danger_lines);
    for (const [one, question] of questions) {
      const visible = body.visible.includes(one);
      question.hidden = !visible;
      question.disabled = !visible;
      const mine = one in unsent || typing.has(one) || refused.has(one) || question.contains(document.activeElement);
      if (one === key || !mine) seenOf(one).value = body.marks[one];
      if (one !== key && !mine && body.values[one]) show(question, body.values[one]);
    }
    const own = questions.get(key);
    if (own.dataset.kind === "photo" && body.values[key]) show(own, body.values[key]);
    document.getElementById("progress").textContent = body.progress;
    say(body.kept ? words.saved.replace("{time}", body.time) : "");
    trouble.hidden = refused.size === 0;
  }

  function warn(lines) {
    const box = document.getElementById("danger");
    for (const old of box.querySelectorAll(":scope > p")) old.remove();
    for (const line of [...lines].reverse()) {
      const said = document.createElement("p");
      said.textContent = line;
      box.prepend(said);
    }
    box.hidden = false;
  }

  function complain(key, problem, conflict) {
    const line = problemOf(key);
    line.textContent = problem;
    for (const input of controls(questions.get(key))) {
      if (problem) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
    const instead = form.querySelector(`[data-instead="${key}"]`);
    if (instead) instead.hidden = !problem || conflict;
    if (!conflict) return;
    const mine = document.createElement("button");
    mine.type = "button";
    mine.textContent = words.keep_mine;
    mine.addEventListener("click", () => note(key));
    line.append(" ", mine);
  }

  function seenOf(key) {
    return form.elements[`seen.${key}`];
  }
  function problemOf(key) {
    return document.getElementById(`problem-${key}`);
  }
  function say(text, loud = false) {
    status.textContent = text;
    status.classList.toggle("loud", loud);
  }
}

/** To what has to be mended: it may stand several screens below, and the page begins at its top. */
function lead(question) {
  question.scrollIntoView();
  question.querySelector("textarea, .options input, input:not([type=hidden])")?.focus({ preventScroll: true });
}

function controls(question) {
  return question.querySelectorAll("input:not([type=hidden]), textarea");
}

function inputsOf(question) {
  const found = {};
  for (const photo of question.querySelectorAll("[data-photo]")) found[photo.name] = [photo.value];
  for (const input of controls(question)) {
    if (input.type === "file" || (["radio", "checkbox"].includes(input.type) && !input.checked)) continue;
    (found[input.name] ??= []).push(input.value);
  }
  return found;
}

/** Puts an answer into the inputs of its question. */
function show(question, { chosen, text, ends }) {
  if (question.dataset.kind === "photo") return showPhoto(question, text);
  for (const input of controls(question)) {
    if (["radio", "checkbox"].includes(input.type)) input.checked = chosen.includes(input.value);
    else if (input.name.endsWith(".from")) input.value = ends[0];
    else if (input.name.endsWith(".to")) input.value = ends[1];
    else input.value = text;
  }
}

function showPhoto(question, id) {
  const frame = question.querySelector(".photo");
  question.querySelector("[data-photo]").value = id;
  question.querySelector("[type=checkbox]").checked = false;
  frame.hidden = !id;
  if (id) frame.querySelector("img").src = `/page/photo/${id}/image`;
  else frame.querySelector("img").removeAttribute("src");
}

function tickTyped(question, input) {
  const option = question.querySelector('input[type=radio][value="~"]');
  if (option && input.value.trim()) option.checked = true;
}
