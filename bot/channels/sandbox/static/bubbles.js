// Elements of the log. Text goes in through textContent alone: what people type is never markup here.

import { fill, sayShortDay, texts, wall } from "./words.js";

const PAGE = /(https?:\/\/\S+\/page\/in\?[\w=&-]+)/;
const CODE = /([A-Z]{2}-[0-9A-Z]{4,6})(?![0-9A-Z])/;
const IMAGE = /\.(png|jpe?g|gif|webp|svg)$/i;

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export function button(label, className, onClick) {
  const made = element("button", className, label);
  made.type = "button";
  if (onClick) made.addEventListener("click", onClick);
  return made;
}

/** One message with everything under it. `previous` tells whether a new day begins here. */
export function messageItem(message, previous, onTap) {
  const mine = message.from === "me";
  const item = element("article", `item ${mine ? "mine" : "theirs"}`);
  item.tabIndex = -1; // focus comes here after a tap, so that the next Tab reaches the new buttons
  const moment = wall(message.sent_at);
  if (moment && moment.day !== wall(previous?.sent_at)?.day) {
    item.append(element("p", "divider", sayShortDay(moment)));
  }
  const line = element("div", "line");
  line.append(mine ? author(texts.me) : avatar());
  const column = element("div", "column");
  column.append(bubble(message));
  if (message.buttons?.length) column.append(buttonRows(message, onTap));
  column.append(meta(message, moment));
  line.append(column);
  item.append(line);
  return item;
}

function bubble(message) {
  const body = element("div", "bubble");
  if (message.text) {
    const text = element("p", "text");
    text.append(...pieces(message.text));
    text.dir = "auto";
    body.append(text);
  }
  const file = message.file && fileLink(message.file);
  if (file) body.append(file);
  return body;
}

/** A text, in which an address of our own pages is a link: on this very server, however the browser reaches it. */
function pieces(text) {
  return text.split(PAGE).flatMap((piece, place) => {
    if (place % 2 === 0) return whole(piece);
    const address = new URL(piece);
    const link = element("a", "page-link", piece);
    link.href = location.origin + address.pathname + address.search;
    link.target = "_blank";
    link.rel = "noopener";
    return link;
  });
}

/** A text whose case codes are never broken at their dash. */
const whole = (text) =>
  text.split(CODE).map((piece, place) => (place % 2 === 0 ? piece : element("span", "whole", piece)));

/** Only a file of this very server becomes a link. */
function fileLink(file) {
  const address = new URL(file.url, location.href);
  if (address.origin !== location.origin) return element("span", "file-name", file.name);
  const link = element("a", "file-link");
  link.href = address.href;
  link.target = "_blank";
  link.rel = "noopener";
  if (IMAGE.test(file.name) || IMAGE.test(address.pathname)) {
    const image = element("img", "picture");
    image.src = address.href;
    image.alt = fill("{file} {name}", { file: texts.file, name: file.name });
    link.append(image);
  } else {
    link.append(element("span", "file-kind", extension(file.name)), element("span", "file-name", file.name));
  }
  return link;
}

function extension(name) {
  const found = /\.([A-Za-z0-9]{1,5})$/.exec(name);
  return found ? found[1].toUpperCase() : texts.file;
}

function buttonRows(message, onTap) {
  const rows = element("div", "rows");
  let place = 0;
  for (const row of message.buttons) {
    const line = element("div", "row");
    for (const { label } of row) {
      const mine = place;
      // A tap from the keyboard has no pointer and so no count of clicks.
      line.append(button(label, "option", (event) => onTap(message, mine, event.detail === 0)));
      place += 1;
    }
    rows.append(line);
  }
  return rows;
}

function meta(message, moment) {
  const line = element("p", "meta");
  if (message.edited) line.append(element("span", "edited", texts.edited));
  if (moment) {
    const time = element("time", "", moment.time);
    time.dateTime = message.sent_at;
    line.append(time);
  }
  return line;
}

function avatar() {
  const image = element("img", "avatar");
  image.src = "/sandbox/static/bot.svg";
  image.alt = texts.assistant;
  return image;
}

const author = (name) => element("span", "for-reader", name);

/** Words on their way to the server. */
export function pendingItem(pending) {
  const item = element("div", "item mine pending");
  const line = element("div", "line");
  const column = element("div", "column");
  const body = element("div", "bubble");
  body.append(element("p", "text", pending.text));
  column.append(body, element("p", "meta", texts.sending));
  line.append(column);
  item.append(line);
  return item;
}

/** A line of the page itself: what went wrong, and the way on. */
export function noteItem(note, onRetry, onDismiss) {
  const item = element("div", "item system");
  item.append(element("p", "system-text", note.text));
  if (note.quote) item.append(element("p", "system-quote", note.quote));
  if (note.retry) item.append(button(texts.retry, "system-retry", onRetry));
  const away = button("×", "system-away", onDismiss);
  away.setAttribute("aria-label", texts.dismiss);
  item.append(away);
  return item;
}
