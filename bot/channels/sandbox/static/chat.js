// The page: three phones, one clock, one live line.

import * as api from "./api.js";
import { button, element } from "./bubbles.js";
import { Clock } from "./clock.js";
import { Conversation } from "./conversation.js";
import { listen } from "./live.js";
import { Phone } from "./phone.js";
import { fill, roleName, texts } from "./words.js";

const FIRST_ROLES = ["care_officer", "supervisor", "commission_staff"];
const KEPT = "fangpingcha.phones"; // who was on the phones, for a page that is loaded again
const CHIPS = 6;

const people = new Map(); // persona id as text → Conversation
const phones = [];
const byId = (id) => document.getElementById(id);
const narrow = matchMedia("(max-width: 899px)"); // as in chat.css: one phone at a time
let current = 0;

async function start() {
  const clock = new Clock(catchUp);
  clock.refresh();
  const list = await api.personas();
  for (const persona of list) people.set(String(persona.id), new Conversation(persona));
  const chosen = firstPersonas(list);
  FIRST_ROLES.forEach((_, place) => addPhone(place, chosen[place]));
  choose(0);
  listen({ message: arrived, clock: (answer) => clock.heard(answer), connected, lost });
  document.addEventListener("visibilitychange", () => document.hidden || catchUp());
  document.addEventListener("keydown", shortcut);
}

/** Who is on the phones at first: those of before, else the first of each role the story begins with. */
function firstPersonas(list) {
  const kept = recall();
  return FIRST_ROLES.map((role, place) => {
    const fitting = list.find((persona) => persona.role === role) ?? list[place % list.length];
    return people.has(kept[place]) ? kept[place] : String(fitting.id);
  });
}

function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? [];
  } catch {
    return []; // a browser that keeps nothing
  }
}

function remember() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(phones.map((phone) => phone.select.value)));
  } catch {
    return; // then the next page begins afresh
  }
}

function addPhone(place, id) {
  const phone = new Phone(place + 1, people, pick);
  phones.push(phone);
  byId("phones").append(phone.root);
  const tab = button("", "tab", () => choose(place));
  tab.append(element("span", "tab-name"), element("span", "tab-role"), element("span", "badge"));
  byId("tabs").append(tab);
  phone.show(people.get(id));
}

function pick(phone, id) {
  phone.show(people.get(id));
  remember();
  refreshMarks();
}

/** On a narrow screen one phone is in front. */
function choose(place) {
  current = place;
  phones.forEach((phone, each) => phone.root.classList.toggle("current", each === place));
  phones[place].conversation.unread.clear();
  if (narrow.matches) phones[place].appear();
  refreshMarks();
}

function shortcut(event) {
  if (!event.altKey || event.ctrlKey || event.metaKey) return;
  const place = ["Digit1", "Digit2", "Digit3"].indexOf(event.code); // by key, not letter: Option+1 types ¡
  if (place < 0) return;
  event.preventDefault();
  choose(place);
  phones[place].input.focus();
}

// --- news ------------------------------------------------------------------------------------------------------

function arrived({ persona, id, edited }) {
  const conversation = people.get(String(persona));
  if (!conversation) return;
  const showing = phones.filter((phone) => phone.conversation === conversation);
  if (showing.length) conversation.refresh(Math.min(conversation.last, Number(id) - 1)).catch(() => null);
  else conversation.missed(Number(id));
  const seen = showing.some((phone) => !narrow.matches || phone === phones[current]);
  if (seen || edited === true) return;
  conversation.unread.add(Number(id));
  refreshMarks();
}

function connected(afterBreak) {
  if (byId("status").textContent === texts.offline) byId("status").textContent = "";
  catchUp(afterBreak); // the first time too: something may have come between loading and listening
}

function lost() {
  byId("status").classList.remove("for-reader");
  byId("status").textContent = texts.offline;
}

/** Fetch what the live line may not have told; after a break that includes edits of what is on the screen. */
function catchUp(thoroughly = false) {
  for (const phone of phones) {
    phone.conversation.refresh(thoroughly ? 0 : undefined).catch(() => null);
  }
}

// --- who has news ----------------------------------------------------------------------------------------------

function refreshMarks() {
  phones.forEach((phone, place) => {
    phone.markUnread();
    const tab = byId("tabs").children[place];
    const { persona, unread } = phone.conversation;
    tab.querySelector(".tab-name").textContent = persona.name;
    tab.querySelector(".tab-role").textContent = roleName(persona.role);
    tab.setAttribute("aria-pressed", String(place === current));
    const news = tab.querySelector(".badge");
    news.hidden = unread.size === 0;
    news.textContent = String(unread.size);
  });
  const shown = new Set(phones.map((phone) => phone.conversation));
  const waiting = [...people.values()].filter((each) => each.unread.size && !shown.has(each));
  byId("others").hidden = waiting.length === 0;
  byId("others-chips").replaceChildren(...waiting.slice(0, CHIPS).map(chip));
}

/** Somebody not on the screen has news: one tap puts them on the phone of their kind, else on the last one. */
function chip(conversation) {
  const { persona, unread } = conversation;
  const made = button("", "chip", () => {
    const alike = phones.findIndex((phone) => phone.conversation.persona.role === persona.role);
    const place = alike < 0 ? phones.length - 1 : alike;
    pick(phones[place], String(persona.id));
    choose(place);
    phones[place].log.focus();
  });
  const name = fill("{name} · {role}", { name: persona.name, role: roleName(persona.role) });
  made.append(element("span", "chip-name", name), element("span", "badge", String(unread.size)));
  const values = { name: persona.name, role: roleName(persona.role), n: unread.size };
  made.setAttribute("aria-label", fill(texts.show_other, values));
  return made;
}

start().catch((error) => {
  byId("status").textContent = error instanceof api.Failure ? error.message : texts.error_server;
});
