// The page's own words, and moments as the demo's people read them.

const blob = JSON.parse(document.getElementById("texts").textContent);

export const texts = blob.texts;
export const strips = blob.strips;
export const language = document.documentElement.lang;

/** "{n} new" with {n: 3} is "3 new". A value without a place, or a place without a value, changes nothing. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

export function roleName(role) {
  return blob.roles[role] ?? role;
}

/** Who somebody is, in one line. Someone without a unit leaves no separator behind. */
export function personaLine(persona) {
  const line = fill(texts.persona_line, {
    name: persona.name,
    role: roleName(persona.role),
    unit: persona.unit ?? "",
  });
  return line.replace(/[\s·｜]+$/u, "");
}

// A moment is shown as the county's wall clock reads, wherever the browser stands. So the offset is kept apart and
// the rest is formatted as if it were UTC.
const MOMENT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/;

export function wall(iso) {
  const found = MOMENT.exec(iso ?? "");
  if (!found) return null;
  const [, year, month, day, hour, minute, offset = ""] = found;
  return {
    day: `${year}-${month}-${day}`,
    time: `${hour}:${minute}`,
    offset,
    date: new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))),
  };
}

// English of the kind that puts the day before the month, with the month short enough for a phone.
const english = language.startsWith("en");
const locale = english ? "en-GB" : language;
const longDay = new Intl.DateTimeFormat(locale, {
  timeZone: "UTC", year: "numeric", month: english ? "short" : "long", day: "numeric", weekday: "long",
});
const shortDay = new Intl.DateTimeFormat(locale, {
  timeZone: "UTC", month: "long", day: "numeric", weekday: "long",
});

export const sayDay = (moment) => longDay.format(moment.date);
export const sayShortDay = (moment) => shortDay.format(moment.date);
