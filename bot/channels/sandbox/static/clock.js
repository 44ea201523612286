// The sandbox clock: what time it is there, and the buttons that make it later.

import * as api from "./api.js";
import { fill, sayDay, texts, wall } from "./words.js";

const POLL = 15_000; // a running clock moves by itself; a minute shown late by this much harms nobody

export class Clock {
  #moment = null;
  #moving = false;
  #silence = 0;

  /** `onMoved()` is called after time was moved: everything that fell due has been delivered by then. */
  constructor(onMoved) {
    this.onMoved = onMoved;
    this.day = document.getElementById("clock-day");
    this.time = document.getElementById("clock-time");
    this.workday = document.getElementById("clock-workday");
    this.status = document.getElementById("status");
    this.field = document.getElementById("jump-moment");
    this.buttons = document.querySelectorAll("#clock button");
    document.getElementById("clock").addEventListener("click", (event) => {
      const advance = event.target.closest("[data-advance]")?.dataset.advance;
      if (advance) this.#move({ advance });
    });
    document.getElementById("jump").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#jump();
    });
    setInterval(() => document.hidden || this.refresh(), POLL);
  }

  /** Ask the server what time it is. A failure is silent: the line about the connection says it already. */
  async refresh() {
    await api.clock().then((answer) => this.show(answer), () => null);
  }

  show({ now, workday }) {
    const moment = wall(now);
    if (!moment) return;
    this.#moment = moment;
    this.day.textContent = sayDay(moment);
    this.time.textContent = moment.time;
    this.time.dateTime = now;
    this.workday.hidden = typeof workday !== "boolean";
    this.workday.textContent = workday ? texts.workday : texts.day_off;
    this.workday.classList.toggle("off", workday === false);
    this.field.min = `${moment.day}T${moment.time}`;
    if (!this.field.value) this.field.value = this.field.min;
  }

  /** A clock event of the live line. It may say less than the clock itself does. */
  heard(answer) {
    if (typeof answer.workday === "boolean") this.show(answer);
    else this.refresh();
  }

  #jump() {
    if (!this.field.value) {
      this.#say(texts.jump_empty, 5);
      this.field.focus();
      return;
    }
    const wanted = this.field.value.length === 16 ? `${this.field.value}:00` : this.field.value;
    this.#move({ to: wanted + (this.#moment?.offset ?? "") });
  }

  async #move(move) {
    if (this.#moving) return;
    const pressed = document.activeElement;
    this.#hold(true);
    this.#say(texts.moving);
    try {
      const answer = await api.moveClock(move);
      await this.refresh();
      this.field.value = this.field.min;
      const moment = wall(answer?.now) ?? this.#moment;
      this.#say(fill(texts.moved, { moment: `${sayDay(moment)} ${moment.time}` }), 5, true);
    } catch (error) {
      this.#say(error.message, 15);
    }
    this.#hold(false);
    if (document.activeElement === document.body) pressed?.focus(); // a disabled button lost the keyboard
    this.onMoved();
  }

  #hold(moving) {
    this.#moving = moving;
    document.body.classList.toggle("moving", moving);
    for (const each of this.buttons) each.disabled = moving;
  }

  /** `forReader`: the eye sees it on the clock already, a screen reader is told. */
  #say(text, seconds = 0, forReader = false) {
    this.status.classList.toggle("for-reader", forReader);
    this.status.textContent = text;
    clearTimeout(this.#silence);
    if (seconds) this.#silence = setTimeout(() => (this.status.textContent = ""), seconds * 1000);
  }
}
