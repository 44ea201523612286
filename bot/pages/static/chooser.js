"use strict";

// The browser's own chooser of files speaks the browser's language. A button in the page's lies under it, and what was
// chosen stands beside it; the chooser itself is unseen, and is what is tapped and reached by the keyboard.
for (const chooser of document.querySelectorAll(".chooser")) {
  const input = chooser.querySelector("input");
  const chosen = chooser.parentElement.querySelector("[data-none]");
  chooser.classList.add("ours");
  chooser.querySelector("span").classList.add("button");
  if (!chosen) continue;
  const show = () => {
    chosen.textContent = input.files[0]?.name ?? chosen.dataset.none;
  };
  input.addEventListener("change", show);
  chosen.hidden = false;
  show();
}
