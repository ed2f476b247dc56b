const paragraph = (pieces) =>
  el("p", { class: pieces.every(([text]) => !text.trim()) ? "gap" : null },
    pieces.map(([text, marked]) => (marked ? el("mark", {}, text) : text)))

const byline = (data) =>
  el("p", { class: "byline" }, [data.author && `By ${data.author}`, data.date].filter(Boolean).join(" · "))

const actions = (data) =>
  el("div", { class: "actions" },
    data.url && isWebAddress(data.url) && el("a", { class: "action", href: data.url, target: "_blank", rel: "noopener noreferrer" },
      "Read the original", el("span", { "aria-hidden": "true" }, "↗"), el("span", { class: "unseen" }, " (opens a new tab)")),
    copyButton("Copy link", data.link),
    data.markdown && copyButton("Copy citation", data.markdown))

const earlier = (data) =>
  data.current && el("p", { class: "earlier", role: "note" },
    "This is an earlier version of the article, as it stood when it was cited. ",
    el("a", { href: data.current, target: "_self" }, "Read the current version"))

const draw = (data) => [
  el("article", { "aria-label": data.title },
    el("header", {},
      data.publisher && el("p", { class: "publisher" }, data.publisher),
      el("h1", {}, data.title),
      byline(data),
      earlier(data),
      actions(data)),
    el("div", { class: "text" }, data.paragraphs.map(paragraph))),
]

const render = component(draw)
const shown = new WeakSet()

export default (instance) => {
  render(instance)
  const root = instance.parentElement.querySelector(".pq")
  const mark = root.querySelector("mark")
  if (!mark || shown.has(mark)) return
  shown.add(mark)
  mark.tabIndex = -1
  const bring = () => {
    mark.scrollIntoView({ block: "center" })
    mark.focus({ preventScroll: true })
  }
  requestAnimationFrame(bring)
  setTimeout(bring, 250) // once the serif has loaded and the lines have settled
}
