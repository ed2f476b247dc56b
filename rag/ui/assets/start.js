const draw = (data, send) => [
  el("h1", {}, "What did they say?"),
  el("p", { class: "line" },
    "Ask your articles. Every answer is made of their own words, and every quotation opens where it was printed."),
  data.questions.length > 0 && el("h2", {}, "Questions your articles answer"),
  data.questions.length > 0 && el("ul", {}, data.questions.map((question) =>
    el("li", {}, el("button", { type: "button", onclick: () => send("ask", question) },
      el("span", {}, question), el("span", { class: "arrow", "aria-hidden": "true" }, "→"))))),
  el("p", { class: "meta" }, data.holdings),
]

export default component(draw)
