const showCard = (chip, n) => {
  const card = chip.getRootNode().querySelector(`[data-card="${n}"]`)
  card.scrollIntoView({ block: "center", behavior: glide() })
  card.focus({ preventScroll: true })
}

const chip = (n, name) =>
  el("button", { type: "button", class: "chip", "aria-label": `Go to quotation ${n}, ${name}`,
    onclick: (event) => showCard(event.currentTarget, n) }, n)

const lead = (data) => {
  const line = el("p", { class: "lead" })
  data.voices.forEach((voice, i) => {
    if (i > 0) line.append(i === data.voices.length - 1 ? " and " : ", ")
    line.append(el("span", { class: voice.speaks ? "voice" : "voice source" }, voice.name), " ")
    voice.numbers.forEach((n) => line.append(chip(n, voice.name)))
  })
  line.append(el("span", { class: "where" }, `, in ${data.articles === 1 ? "1 article" : `${data.articles} articles`}`))
  return line
}

const quoteCard = (card, near) =>
  el("li", {},
    el("figure", { class: near ? "card near" : "card", tabindex: near ? null : -1, "data-card": near ? null : card.n,
      "aria-label": near ? `Nearby passage in ${card.title}` : `Quotation ${card.n}` },
      !near && el("span", { class: "number", "aria-hidden": "true" }, card.n),
      el("blockquote", { "data-citation": card.id }, words(card.parts)),
      attribution(card),
      el("div", { class: "actions" },
        el("a", { class: "action", href: card.link, target: "_self",
          "aria-label": near ? `Open in article: ${card.title}` : `Open in article, quotation ${card.n}` },
          "Open in article", el("span", { "aria-hidden": "true" }, "→")),
        copyButton("Copy citation", card.markdown, near ? `Copy citation: ${card.title}` : `Copy citation ${card.n}`))))

const sentence = ({ words, numbers }) => [words, " ", ...numbers.map((n) => chip(n, "from which this is")), " "]

const prose = (data, send) =>
  el("div", { class: "prose", role: "status" },
    data.prose.length > 0 && el("p", {}, data.lead && `${data.lead} `, data.prose.flatMap(sentence)),
    data.writing && busy(data.model ? "Writing on" : "Writing from these quotations", send),
    !data.writing && data.model && el("p", { class: "by" },
      `Written by ${data.model} from the quotations below`, withheld(data.withheld), "."),
    !data.writing && data.notice && el("p", { class: "by" }, `${data.notice} The quotations stand for themselves.`))

const found = (data, send) => [
  (data.prose.length > 0 || data.writing || data.notice) && prose(data, send),
  data.prose.length === 0 && lead(data),
  el("ol", { class: "cards" }, data.cards.map((card) => quoteCard(card, false))),
]

const nothing = (data) => [
  el("div", { class: "nothing" },
    el("h3", {}, "Not in your articles"),
    el("p", {}, data.lead
      || "No quotation here answers this, so there is no answer. Name a person or an event, or add articles.")),
  data.prose.length > 0 && el("div", { class: "prose" }, el("p", {}, data.prose.flatMap(sentence))),
  data.cards.length > 0 && el("ol", { class: "cards" }, data.cards.map((card) => quoteCard(card, false))),
  data.near.length > 0 && el("details", {},
    el("summary", {}, "Nearest passages", el("span", { class: "count" }, data.near.length)),
    el("p", { class: "meta" }, "The closest words in your library. They are not offered as an answer."),
    el("ol", { class: "cards" }, data.near.map((card) => quoteCard(card, true)))),
]

const lost = (n) => el("p", { class: "gone" },
  n === 1 ? "One quotation is no longer shown: its article was removed from the library."
    : `${n} quotations are no longer shown: their articles were removed from the library.`)

const answer = (data, send) => {
  if (!data.abstained) return found(data, send)
  return data.gone > 0 ? [] : nothing(data)
}

const VERDICTS = { helpful: "Helpful", wrong: "Wrong", missing: "Something is missing" }

const feedback = (data, send) =>
  el("div", { class: "feedback", role: "group", "aria-label": "What do you say of this answer?" },
    Object.entries(VERDICTS).map(([verdict, label]) =>
      el("button", { type: "button", class: "verdict", "aria-pressed": String(data.feedback === verdict),
        onclick: () => send("rate", data.feedback === verdict ? "none" : verdict) },
      el("span", { class: "tick", "aria-hidden": "true" }), label)))

const draw = (data, send) => [
  el("h2", { class: "question", tabindex: -1 }, data.question),
  data.searched && el("p", { class: "searched" }, "Searched for: ", el("q", {}, data.searched)),
  el("div", { class: "answer" }, answer(data, send), data.gone > 0 && lost(data.gone)),
  el("div", { class: "foot" }, data.ratable && feedback(data, send),
    data.timing && el("p", { class: "timing" }, data.timing)),
]

const render = component(draw)
const scrolled = new WeakSet()

export default (instance) => {
  render(instance)
  const root = instance.parentElement.querySelector(".pq")
  if (!instance.data.fresh || scrolled.has(root)) return
  scrolled.add(root)
  // Streamlit holds a chat at its end while it grows: begin with the question, not with the last card.
  for (const delay of [0, 100, 300, 600]) setTimeout(() => root.scrollIntoView({ block: "start" }), delay)
}
