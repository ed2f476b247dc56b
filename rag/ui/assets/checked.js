const ICONS = {
  verbatim: "✓", folded: "≈", altered: "✎", misattributed: "⇄", not_found: "?",
  follows: "✓", contradicted: "✗", attributed: "❝",
}
const glide = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth")

const badge = (verdict, name) =>
  el("span", { class: `badge ${verdict}` }, el("span", { class: "icon", "aria-hidden": "true" }, ICONS[verdict]), name)

// As an editor marks a draft: the pasted words are struck out, and the article's put in after them.
const read = (tag, whose, text) =>
  el(tag, {}, el("span", { class: "unseen", dir: "ltr" }, `[${whose}: `), text, el("span", { class: "unseen", dir: "ltr" }, "]"))

const change = ({ kind, pasted, stored }) => {
  if (kind === "equal") return stored
  const [ours, theirs] = [pasted.trim(), stored.trim()]
  const space = /\s$/.test(stored || pasted) ? " " : ""
  return [
    /^\s/.test(stored || pasted) && " ",
    ours && read("del", "struck out, in your text", ours),
    theirs && ours && " ",
    theirs && read("ins", "put in, from the article", theirs),
    space,
  ]
}

const differs = (match) => match.verdict !== "not_found" && match.diff.some((one) => one.kind !== "equal")

const match = (item) =>
  el("li", {},
    el("figure", { class: `card ${item.verdict}`, "aria-label": `Place ${item.n}: ${item.name}` },
      item.why.length > 0 && el("ul", { class: "why" }, item.why.map((one) => el("li", {}, one))),
      el("blockquote", { "data-citation": item.id, dir: "auto" }, differs(item) ? item.diff.flatMap(change) : words(item.parts)),
      attribution(item),
      actions(item)))

const actions = (item) =>
  el("div", { class: "actions" },
    el("a", { class: "action", href: item.link, target: "_self", "aria-label": `Open in article, place ${item.n}` },
      "Open in article", el("span", { "aria-hidden": "true" }, "→")),
    originalLink(item.url),
    copyButton("Copy citation", item.markdown, `Copy citation ${item.n}`),
    item.formats && formats("Other formats", item.formats))

const evidence = (item) =>
  el("li", {},
    el("figure", { class: "card", "aria-label": `Sentence ${item.n}` },
      el("blockquote", { "data-citation": item.id, dir: "auto" }, words(item.parts)),
      attribution(item),
      actions(item)))

const aboutClaim = (one) => [
  one.evidence.length > 0 && el("ol", { class: `cards ${one.verdict}`, "aria-label": "Sentences it stands on" }, one.evidence.map(evidence)),
  one.against.length > 0 && el("p", { class: "but" }, "But another article says otherwise:"),
  one.against.length > 0 && el("ol", { class: "cards contradicted", "aria-label": "Sentences against it" }, one.against.map(evidence)),
]

const aboutQuotation = (one) => [
  one.matches.some(differs) && el("p", { class: "meta legend" }, el("del", {}, "in your text"), " ", el("ins", {}, "in the article")),
  el("ol", { class: "cards", "aria-label": "Places" }, one.matches.map(match)),
]

const about = (data, place, go) => {
  const one = [...data.quotations, ...data.claims][place]
  const [at, many] = [data.order.indexOf(place), data.order.length]
  const thing = data.claims.length ? "passage" : "quotation"
  const said = one.verdict === "not_found" && one.matches?.length === 0 ? "in no article, and nothing is near" : one.told
  return [
    el("div", { class: "head" },
      badge(one.verdict, one.name),
      many > 1 && el("div", { class: "steps" },
        el("span", { class: "meta" }, `${at + 1} of ${many}`),
        el("button", { type: "button", class: "step", "aria-label": `Previous ${thing}`, onclick: () => go(data.order[(at + many - 1) % many]) }, "←"),
        el("button", { type: "button", class: "step", "aria-label": `Next ${thing}`, onclick: () => go(data.order[(at + 1) % many]) }, "→"))),
    el("p", { class: "told" }, `${said[0].toUpperCase()}${said.slice(1)}.`,
      one.speaker && [" Checked as the words of ", el("span", { class: "claim" }, one.speaker), "."],
      one.places && ` ${one.places}`),
    ...(one.matches ? aboutQuotation(one) : aboutClaim(one)),
  ]
}

const tally = (counts, label, note) =>
  el("p", { class: "tally", role: "status" },
    label && el("span", { class: "meta" }, label),
    counts.map(({ verdict, name, count }) => badge(verdict, `${count} ${name.toLowerCase()}`)),
    note && el("span", { class: "meta" }, note))

const results = (data) => {
  const panel = el("section", { class: "about", "aria-label": "The quotation", "aria-live": "polite", tabindex: -1 })
  const marks = []
  const more = []
  const choose = (place) => {
    marks.forEach((mark, n) => mark.setAttribute("aria-pressed", String(n === place)))
    more.forEach(([n, node]) => node.classList.toggle("on", n === place))
    panel.setAttribute("aria-label", place < data.quotations.length ? "The quotation" : "The sentence")
    panel.replaceChildren(...about(data, place, go).filter(Boolean))
  }
  const go = (place) => {
    choose(place)
    marks[place].scrollIntoView({ block: "nearest", behavior: glide() })
    if (matchMedia("(max-width: 760px)").matches) panel.scrollIntoView({ block: "start", behavior: glide() })
  }
  const mark = (text, place) => {
    if (marks[place]) { // what goes on after a quotation within it
      more.push([place, el("span", { class: marks[place].className, dir: "auto", onclick: () => go(place) }, text)])
      return more.at(-1)[1]
    }
    const claim = data.claims[place - data.quotations.length]
    const one = claim || data.quotations[place]
    const node = el("span", { class: `said ${claim ? "sentence " : ""}${one.verdict}`, dir: "auto", role: "button", tabindex: 0, "aria-pressed": "false",
      onclick: () => go(place),
      onkeydown: (event) => {
        if (event.key !== "Enter" && event.key !== " ") return
        event.preventDefault()
        go(place)
      } },
    el("span", { class: "icon", "aria-hidden": "true" }, ICONS[one.verdict], claim && ` ${one.name}`),
    el("span", { class: "unseen", dir: "ltr" }, `${one.name}: `), text)
    marks[place] = node
    return node
  }
  const sheet = el("div", { class: "sheet", role: "region", tabindex: 0, "aria-label": "Your text" },
    data.pieces.map(({ text, place }) => (place < 0 ? text : mark(text, place))))
  choose(data.first)
  return [
    data.counts.length > 0 && tally(data.counts, data.checked_claims && "In quotation marks:"),
    data.checked_claims && tally(data.claim_counts, data.claims.length ? "Other sentences:" : "No other sentence says anything to check.", data.what_it_is),
    el("div", { class: "sides" }, sheet, panel),
  ]
}

const cited = (item) => [
  el("figure", { class: "card", "aria-label": "The citation" },
    el("blockquote", { "data-citation": item.id, dir: "auto" },
      el("span", { class: "around" }, item.before), words(item.parts), el("span", { class: "around" }, item.after)),
    attribution(item), actions(item)),
]

export default component((data) => (data.cited ? cited(data.cited) : results(data)))
