// What an answer and a summary share: numbers that lead somewhere, and what is said of a model's sentences.

const glide = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth")

const withheld = (n) =>
  n === 1 ? "; one sentence was withheld, since they do not bear it out"
    : n > 1 ? `; ${n} sentences were withheld, since they do not bear them out` : ""

const busy = (label, send) =>
  el("p", { class: "by" },
    el("span", { class: "busy" }, label),
    el("button", { type: "button", class: "action", onclick: () => send("stop", true) }, "Stop"))

