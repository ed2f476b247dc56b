const to = (send, link) => ({ href: link, target: "_self", onclick: instead(() => send("go", link)) })

const manner = (card) =>
  el("p", { class: "manner" },
    el("span", { class: card.reported ? "kind reported" : "kind" }, card.kind),
    card.cue && el("span", { class: "meta" }, `“${card.cue}”`))

const who = (card, send) =>
  el("p", { class: "who" },
    card.speaker ? el("a", { class: "speaker", ...to(send, card.speaker_link) }, card.speaker)
      : el("span", { class: "nobody" }, "Speaker not given"),
    card.office && el("span", { class: "office" }, `, ${card.office}`),
    card.called && el("span", { class: "meta called" }, ` as “${card.called}”`))

const where = (card) =>
  el("p", { class: "meta where" }, [card.publisher, card.title, card.date].filter(Boolean).join(" · "))

// A stretch of a version: what is left out is struck through, what is added underlined, spaces at its end aside.
const piece = ({ text, change }) => {
  if (change === "same") return text
  const words = text.trimEnd()
  const tag = change === "added" ? "ins" : "del"
  return [
    el(tag, {}, el("span", { class: "unseen" }, `[${change}: `), words, el("span", { class: "unseen" }, "]")),
    text.slice(words.length),
  ]
}

const version = (item, own) =>
  el("li", { class: item.first ? "version first" : "version" },
    el("p", { class: "meta" },
      el("span", { class: "outlet" }, item.publisher || item.title), item.date && ` · ${item.date}`,
      item.first && el("span", { class: "badge" }, "First"),
      item.id === own && el("span", { class: "badge quiet" }, "This card")),
    el("blockquote", {}, item.pieces.flatMap(piece)),
    el("p", { class: "meta" }, item.speaker && `${item.speaker}, in `,
      el("a", { href: item.link, target: "_self" }, item.title)))

const versions = (data, card, send) =>
  el("section", { class: "versions", "aria-label": "Other versions", tabindex: -1 },
    el("div", { class: "versions-head" },
      el("h3", {}, data.versions.length ? "The same statement elsewhere" : "No other article has this statement"),
      el("a", { class: "action", ...to(send, data.close) }, "Close")),
    data.versions.length > 0 && el("p", { class: "meta" }, "Beside the earliest: ",
      el("ins", {}, "added"), " ", el("del", {}, "left out")),
    data.versions.length > 0 && el("ol", {}, data.versions.map((item) => version(item, card.id))))

const quotation = (data, card, send) =>
  el("li", {},
    el("figure", { class: card.reported ? "card said-indirectly" : "card", "aria-label": `Quotation ${card.n}`, "data-card": card.n },
      manner(card),
      el("blockquote", { "data-citation": card.id }, words(card.parts)),
      el("figcaption", {}, who(card, send), where(card)),
      el("div", { class: "actions" },
        el("a", { class: "action", href: card.link, target: "_self", "aria-label": `Open in article, quotation ${card.n}` },
          "Open in article", el("span", { "aria-hidden": "true" }, "→")),
        copyButton("Copy citation", card.markdown, `Copy citation ${card.n}`),
        data.open !== card.id && el("a", { class: "action", "aria-label": `Other versions of quotation ${card.n}`,
          ...to(send, card.versions_link) }, "Other versions")),
      data.open === card.id && versions(data, card, send)))

const turning = (pager, send) =>
  el("nav", { class: "pager", "aria-label": "Pages" },
    pager.previous ? el("a", { class: "action", rel: "prev", ...to(send, pager.previous) }, "← Previous") : el("span"),
    el("span", { class: "meta" }, pager.shown),
    pager.next ? el("a", { class: "action", rel: "next", ...to(send, pager.next) }, "Next →") : el("span"))

const draw = (data, send) => [
  el("ol", { class: "cards", "aria-label": "Quotations" }, data.cards.map((card) => quotation(data, card, send))),
  data.pager && turning(data.pager, send),
]

const render = component(draw)
const glide = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth")

export default (instance) => {
  render(instance)
  const root = instance.parentElement.querySelector(".pq")
  const { open, cards } = instance.data
  const page = cards.length ? cards[0].id : ""
  const [wasOpen, wasPage] = [root.pqOpen, root.pqPage]
  root.pqOpen = open
  root.pqPage = page
  if (open && open !== wasOpen) {
    const shown = root.querySelector(".versions")
    if (shown) {
      shown.scrollIntoView({ block: "nearest", behavior: glide() })
      shown.focus({ preventScroll: true })
    }
  } else if (!open && wasOpen) {
    const quote = root.querySelector(`[data-citation="${CSS.escape(wasOpen)}"]`)
    quote?.closest("figure").querySelector('a[aria-label^="Other versions"]')?.focus({ preventScroll: true })
  } else if (wasPage !== undefined && page !== wasPage && root.pqTurned) {
    root.scrollIntoView({ block: "start", behavior: "auto" })
  }
  root.pqTurned = false
  root.querySelector(".pager")?.addEventListener("click", () => { root.pqTurned = true })
}
