// What one persona and the assistant have said: the messages by id, what is on its way, and lines of our own.
// It knows the server and no element; whoever shows it listens for "change".

import * as api from "./api.js";
import { texts } from "./words.js";

export class Conversation extends EventTarget {
  messages = new Map();
  pending = []; // sent, not yet among the messages: {key, text}
  notes = []; // system lines: {key, text, after, quote, retry}
  busy = new Set(); // ids of messages one of whose buttons is being worked on
  tapped = new Map(); // message id → place of the button tapped last
  unread = new Set(); // ids that arrived while nobody was looking
  draft = "";
  loaded = false;
  #wanted = null; // fetch everything after this id
  #fetching = null;
  #missed = null;
  #counter = 0;

  constructor(persona) {
    super();
    this.persona = persona;
  }

  get last() {
    return Math.max(0, ...this.messages.keys());
  }

  /** In the order they are read. */
  sorted() {
    return [...this.messages.values()].sort((a, b) => a.id - b.id);
  }

  /** Begin to be shown: load what is missing, and what changed while hidden. */
  async open() {
    const after = this.loaded ? Math.min(this.last, this.#missed ?? Infinity) : 0;
    this.#missed = null;
    this.unread.clear();
    this.changed();
    try {
      await this.refresh(after);
      this.loaded = true;
    } catch (error) {
      this.note(error instanceof api.Failure ? texts.error_loading : String(error), () => this.open());
    }
    this.changed();
  }

  /** Message `id` is new or edited while this persona is on no phone: fetched when it is opened again. */
  missed(id) {
    this.#missed = Math.min(this.#missed ?? Infinity, id - 1);
  }

  /** Fetch what comes after `after`. Many calls at once become few fetches; all resolve when nothing is wanted. */
  refresh(after = this.last) {
    this.#wanted = Math.min(this.#wanted ?? Infinity, Math.max(0, after));
    this.#fetching ??= this.#drain();
    return this.#fetching;
  }

  async #drain() {
    try {
      while (this.#wanted !== null) {
        const after = this.#wanted;
        this.#wanted = null;
        this.#merge(await api.messages(this.persona.id, after));
      }
    } finally {
      this.#fetching = null; // in the same breath as the last look at #wanted, so that no wish falls between
    }
  }

  #merge(list) {
    for (const message of list) {
      const known = this.messages.has(message.id);
      this.messages.set(message.id, message);
      if (known) this.tapped.delete(message.id); // its buttons may be others by now, or have a tick that says more
      // Our own words came back as a message: the first bubble that waits for them has served.
      if (!known && message.from === "me") this.pending.shift();
    }
    if (list.length) this.changed();
  }

  say(text) {
    return this.#send({ text, event_id: api.eventId() }, text);
  }

  attach(file, kind) {
    const form = new FormData();
    form.append("kind", kind);
    form.append("event_id", api.eventId());
    form.append("file", file, file.name);
    return this.#send(form, `${texts.file} ${file.name}`);
  }

  async tap(message, place) {
    const button = message.buttons.flat()[place];
    this.tapped.set(message.id, place);
    await this.#press({ action: button.action, message_id: message.id, event_id: api.eventId() });
  }

  async #press(body) {
    this.busy.add(body.message_id);
    await this.#deliver(body, "", () => this.#press(body));
    this.busy.delete(body.message_id);
    this.changed();
  }

  /** Whether the words are out of the person's hands: delivered, or kept here for another attempt. */
  async #send(body, text) {
    const key = `p${(this.#counter += 1)}`;
    this.pending.push({ key, text });
    const done = await this.#deliver(body, text, () => this.#send(body, text));
    // The answer is there, so the bubble has gone or never will be matched (the server keeps no word of ours).
    this.pending = this.pending.filter((bubble) => bubble.key !== key);
    this.changed();
    return done;
  }

  /** Post, then read the answer. What was lost on the way is offered again with the same id: it counts once. */
  async #deliver(body, quote, again) {
    this.changed();
    try {
      await api.post(this.persona.id, body);
    } catch (error) {
      if (error.lost) this.note(error.message, again, quote);
      else this.note(error.message);
      return error.lost;
    }
    await this.refresh().catch(() => this.note(texts.error_loading, () => this.open()));
    return true;
  }

  note(text, retry = null, quote = "") {
    const key = `n${(this.#counter += 1)}`;
    this.notes.push({ key, text, after: this.last, quote, retry });
    this.changed();
  }

  dropNote(key) {
    this.notes = this.notes.filter((note) => note.key !== key);
    this.changed();
  }

  get working() {
    return this.busy.size > 0 || this.pending.length > 0;
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }
}
