// One phone: whose it is, the log, the quick commands, the input.

import { button, element, messageItem, noteItem, pendingItem } from "./bubbles.js";
import { fill, personaLine, strips, texts } from "./words.js";

const NEAR = 80; // pixels from the end that still count as "reading the newest"

export class Phone {
  #conversation = null;
  #items = new Map(); // key → {node, signature}
  #following = true; // the person reads the newest; older messages are not pulled away from under their eyes
  #onChange = () => this.#render();

  /** `onPick(phone, personaId)` is called when the person chooses to be somebody else. */
  constructor(number, people, onPick) {
    const template = document.getElementById("phone-template");
    this.root = template.content.firstElementChild.cloneNode(true);
    this.number = number;
    this.people = people;
    const find = (name) => this.root.querySelector(`.${name}`);
    Object.assign(this, {
      select: find("who-select"), log: find("log"), typing: find("typing"), latest: find("latest"),
      strip: find("strip"), kinds: find("kinds"), attach: find("attach"), input: find("input"),
      sendButton: find("send"), file: find("file"),
    });
    this.select.id = `persona-${number}`;
    find("who-label").htmlFor = this.select.id;
    this.root.id = `phone-${number}`;
    this.root.setAttribute("aria-label", fill(texts.phone, { n: number }));
    this.#fillSelect();
    this.select.addEventListener("change", () => onPick(this, this.select.value));
    this.#listenToLog();
    this.#listenToComposer();
    this.#listenToFiles();
  }

  get conversation() {
    return this.#conversation;
  }

  #fillSelect() {
    for (const [id, conversation] of this.people) {
      const option = element("option", "", personaLine(conversation.persona));
      option.value = id;
      this.select.append(option);
    }
  }

  /** New messages of people nobody looks at are counted in the drop-down. */
  markUnread() {
    for (const option of this.select.options) {
      const { persona, unread } = this.people.get(option.value);
      const line = personaLine(persona);
      const said = unread.size ? fill(texts.unread_line, { n: unread.size, line }) : line;
      if (option.textContent !== said) option.textContent = said;
    }
  }

  show(conversation) {
    if (this.#conversation) {
      this.#conversation.draft = this.input.value;
      this.#conversation.removeEventListener("change", this.#onChange);
    }
    this.#conversation = conversation;
    const { persona } = conversation;
    this.select.value = String(persona.id);
    this.log.setAttribute("aria-label", fill(texts.log, { name: persona.name }));
    this.input.setAttribute("aria-label", fill(texts.input, { name: persona.name }));
    this.input.value = conversation.draft;
    this.#fit();
    this.#items.clear();
    this.#following = true;
    this.log.replaceChildren();
    this.log.setAttribute("aria-busy", "true"); // old messages are not news: nothing is read aloud yet
    this.#fillStrip(persona.role);
    conversation.addEventListener("change", this.#onChange);
    this.#render();
    conversation.open().then(() => {
      if (this.#conversation !== conversation) return;
      this.#toEnd();
      requestAnimationFrame(() => this.log.removeAttribute("aria-busy"));
    });
  }

  #fillStrip(role) {
    const commands = strips[role] ?? strips.administrator;
    this.strip.replaceChildren(
      ...commands.map(({ label, text }) => button(label, "command", () => this.#command(text))),
    );
  }

  #command(text) {
    if (!text.endsWith(" ")) {
      this.#conversation.say(text);
      this.#toEnd();
      return;
    }
    this.input.value = text;
    this.input.focus();
    this.input.setSelectionRange(text.length, text.length);
    this.#fit();
  }

  // --- the log -------------------------------------------------------------------------------------------------

  #render() {
    const conversation = this.#conversation;
    const before = this.#items.size;
    const wanted = this.#wanted(conversation);
    for (const [key, { node }] of this.#items) {
      if (!wanted.has(key)) {
        node.remove();
        this.#items.delete(key);
      }
    }
    let last = null;
    for (const [key, entry] of wanted) {
      const node = this.#keep(key, entry);
      const there = last ? last.nextElementSibling : this.log.firstElementChild;
      if (node !== there) this.log.insertBefore(node, there);
      last = node;
    }
    this.#showButtons(conversation);
    this.typing.hidden = !conversation.working;
    if (this.#following) this.#toEnd();
    else if (this.#items.size > before) this.latest.hidden = false;
  }

  /** Everything that belongs into the log, in order: key → {signature, make}. */
  #wanted(conversation) {
    const entries = new Map();
    const addNotes = (matches) => {
      for (const note of conversation.notes.filter(matches)) {
        entries.set(note.key, { signature: note.key, make: () => this.#note(note) });
      }
    };
    if (!conversation.messages.size) {
      const text = conversation.loaded ? texts.empty : texts.loading;
      entries.set("empty", { signature: text, make: () => element("p", "empty", text) });
      addNotes(() => true);
    }
    let previous = null;
    for (const message of conversation.sorted()) {
      const before = previous;
      const make = () => messageItem(message, before, (...tap) => this.#tap(...tap));
      entries.set(`m${message.id}`, { signature: JSON.stringify(message), message, make });
      addNotes((note) => note.after === message.id);
      previous = message;
    }
    for (const pending of conversation.pending) {
      entries.set(pending.key, { signature: pending.text, make: () => pendingItem(pending) });
    }
    return entries;
  }

  /** The element for a key: the one that is there if nothing changed, else a new one in its place. */
  #keep(key, { signature, message, make }) {
    const known = this.#items.get(key);
    if (known?.signature === signature) return known.node;
    const node = make();
    if (message) node.dataset.message = String(message.id);
    if (known) {
      const focused = [...known.node.querySelectorAll(".option")].indexOf(document.activeElement);
      node.classList.add("changed");
      known.node.replaceWith(node);
      if (focused >= 0) (node.querySelectorAll(".option")[focused] ?? node).focus({ preventScroll: true });
    }
    for (const image of node.querySelectorAll(".picture")) {
      image.addEventListener("load", () => this.#following && this.#toEnd());
    }
    this.#items.set(key, { node, signature });
    return node;
  }

  #showButtons(conversation) {
    for (const [key, { node }] of this.#items) {
      if (!key.startsWith("m")) continue;
      const id = Number(key.slice(1));
      node.querySelectorAll(".option").forEach((option, place) => {
        option.disabled = conversation.busy.has(id);
        option.classList.toggle("tapped", conversation.tapped.get(id) === place);
      });
    }
  }

  async #tap(message, place, keyboard) {
    const conversation = this.#conversation;
    const before = conversation.last;
    this.#toEnd();
    await conversation.tap(message, place);
    if (keyboard && this.#conversation === conversation) this.#focusAfterTap(message, place, before);
  }

  /** The keyboard goes on where the answer is: at the newest message, else back to the button. */
  #focusAfterTap(message, place, before) {
    const free = document.activeElement === document.body || this.log.contains(document.activeElement);
    if (!free) return;
    const fresh = this.#conversation.sorted().filter(({ id, from }) => id > before && from === "bot").pop();
    const node = this.#items.get(`m${(fresh ?? message).id}`)?.node;
    const target = fresh ? node : (node?.querySelectorAll(".option")[place] ?? node);
    (target ?? this.input).focus();
  }

  #note(note) {
    const conversation = this.#conversation;
    const retry = () => {
      conversation.dropNote(note.key);
      note.retry();
      this.input.focus();
    };
    const dismiss = () => {
      conversation.dropNote(note.key);
      this.input.focus();
    };
    return noteItem(note, retry, dismiss);
  }

  /** It comes to the front of a narrow screen: a log that was not drawn has forgotten where it stood. */
  appear() {
    this.#toEnd();
    this.#fit();
  }

  #toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.latest.hidden = true;
    this.#following = true;
  }

  #listenToLog() {
    const scrolled = () => {
      const { scrollHeight, scrollTop, clientHeight } = this.log;
      this.#following = scrollHeight - scrollTop - clientHeight <= NEAR;
      if (this.#following) this.latest.hidden = true;
    };
    this.log.addEventListener("scroll", scrolled, { passive: true });
    // A keyboard on the screen, or a line that appears above, makes the log smaller.
    new ResizeObserver(() => this.#following && this.#toEnd()).observe(this.log);
    this.latest.addEventListener("click", () => {
      this.#toEnd();
      this.log.focus();
    });
    this.log.addEventListener("keydown", (event) => {
      // A key held down must not answer the next question too.
      if (event.repeat && event.key === "Enter") event.preventDefault();
      const modified = event.ctrlKey || event.altKey || event.metaKey;
      const typed = (event.key.length === 1 && event.key !== " ") || event.key === "Process";
      if (typed && !modified) this.input.focus(); // the letter itself then lands in the input
    });
  }

  // --- the input -----------------------------------------------------------------------------------------------

  #listenToComposer() {
    this.input.addEventListener("input", () => this.#fit());
    this.input.addEventListener("keydown", (event) => {
      // Enter that chooses a word in an input method (isComposing, or 229 in old browsers) is not Send.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#send();
    });
    this.sendButton.addEventListener("click", () => {
      this.#send();
      this.input.focus();
    });
  }

  async #send() {
    const text = this.input.value.trim();
    if (!text) return;
    const conversation = this.#conversation;
    this.input.value = "";
    this.#fit();
    const sent = conversation.say(text);
    this.#toEnd();
    // Words that were refused are given back to be changed, unless something else is being typed there by now.
    if (!(await sent) && this.#conversation === conversation && !this.input.value) {
      this.input.value = text;
      this.#fit();
    }
  }

  #fit() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + 2}px`; // 2: the border; CSS sets the upper limit
  }

  #listenToFiles() {
    const open = (shown) => {
      this.kinds.hidden = !shown;
      this.attach.setAttribute("aria-expanded", String(shown));
    };
    this.kinds.id = `kinds-${this.number}`;
    this.attach.setAttribute("aria-controls", this.kinds.id);
    this.attach.addEventListener("click", () => {
      open(this.kinds.hidden);
      if (!this.kinds.hidden) this.kinds.querySelector("button").focus();
    });
    this.kinds.addEventListener("click", (event) => {
      const chosen = event.target.closest("button");
      if (!chosen) return;
      this.file.accept = chosen.dataset.accept;
      this.file.dataset.kind = chosen.dataset.kind;
      this.file.click();
      open(false);
      this.attach.focus();
    });
    this.kinds.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      open(false);
      this.attach.focus();
    });
    this.file.addEventListener("change", () => {
      const [chosen] = this.file.files;
      if (chosen) this.#conversation.attach(chosen, this.file.dataset.kind);
      this.file.value = "";
      this.#toEnd();
    });
  }
}
