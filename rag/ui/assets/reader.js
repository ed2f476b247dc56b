const paragraph = (pieces) =>
  el("p", { class: pieces.every(([text]) => !text.trim()) ? "gap" : null },
    pieces.map(([text, marked]) => (marked ? el("mark", {}, text) : text)))

const byline = (data) =>
  el("p", { class: "byline" }, [data.author && `By ${data.author}`, data.date].filter(Boolean).join(" · "))

const actions = (data, send) =>
  el("div", { class: "actions" },
    data.summarises && el("button", { type: "button", class: "action summarise", onclick: () => send("summarise", true) }, "Summarise"),
    originalLink(data.url),
    copyButton("Copy link", data.link),
    data.markdown && copyButton("Copy citation", data.markdown),
    data.formats.length > 0 && formats("Other formats", data.formats))

const earlier = (data) =>
  data.current && el("p", { class: "earlier", role: "note" },
    "This is an earlier version of the article, as it stood when it was cited. ",
    el("a", { href: data.current, target: "_self" }, "Read the current version"))

// Takes the mark off that a number of the summary has put on, and puts it on the words of another.
const point = (button, [start, end]) => {
  const text = button.getRootNode().querySelector(".text")
  text.querySelectorAll("mark.pointed").forEach((mark) => mark.replaceWith(...mark.childNodes))
  text.normalize()
  const marks = []
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT)
  const nodes = []
  while (walker.nextNode()) nodes.push(walker.currentNode)
  let at = 0
  for (const node of nodes) {
    const from = Math.max(start - at, 0)
    const to = Math.min(end - at, node.length)
    at += node.length
    if (from >= to) continue
    const words = from > 0 ? node.splitText(from) : node
    if (to - from < words.length) words.splitText(to - from)
    const mark = el("mark", { class: "pointed" })
    words.replaceWith(mark)
    mark.append(words)
    marks.push(mark)
  }
  if (marks.length === 0) return
  marks[0].tabIndex = -1
  marks[0].scrollIntoView({ block: "center", behavior: glide() })
  marks[0].focus({ preventScroll: true })
}

const chip = (n, place) =>
  el("button", { type: "button", class: "chip", "aria-label": `Go to sentence ${n} in the article`,
    onclick: (event) => point(event.currentTarget, place) }, n)

const sentence = (data) => ({ words, numbers, own }) =>
  el("li", {}, el(own ? "q" : "span", { class: own ? "own" : null }, words), " ", numbers.map((n) => chip(n, data.places[n])))

const origin = (data) => {
  if (!data.model) return "The article's own sentences, word for word."
  const mixed = data.sentences.some((one) => one.own) ? "; those with a rule beside them are its own, word for word" : ""
  return `Written by ${data.model} from the sentences of the article${withheld(data.withheld)}${mixed}.`
}

const summary = (data, send) => [
  el("h2", {}, "Summary"),
  data.sentences.length > 0 ? el("ul", {}, data.sentences.map(sentence(data)))
    : el("p", { class: "by" }, "No sentence of this article sums it up."),
  data.writing && busy(data.model ? "Writing on" : "The article's own sentences, while a summary is written", send),
  !data.writing && data.sentences.length > 0 && el("p", { class: "by" }, origin(data)),
  !data.writing && data.notice && el("p", { class: "by" }, data.notice),
]

const drawSummary = (root, data, send) => {
  const place = root.querySelector(".summary")
  const stamp = JSON.stringify(data.summary)
  if (place.pqDrawn === stamp) return
  place.pqDrawn = stamp
  const opened = place.hidden && data.summary
  place.hidden = !data.summary
  if (opened) requestAnimationFrame(() => place.focus({ preventScroll: true })) // its button goes
  redraw(place, data.summary ? summary(data.summary, send) : [])
}

const draw = (data, send) => [
  el("article", { "aria-label": data.title },
    el("header", {},
      data.publisher && el("p", { class: "publisher" }, data.publisher),
      el("h1", {}, data.title),
      byline(data),
      earlier(data),
      actions(data, send)),
    el("section", { class: "summary", "aria-label": "Summary", "aria-live": "polite", tabindex: -1, hidden: true }),
    el("div", { class: "text" }, data.paragraphs.map(paragraph))),
]

const render = component(draw)
const shown = new WeakSet()

export default (instance) => {
  // The text stays as it is while a summary grows above it: what is selected and marked in it is the reader's.
  const { summary: told, ...article } = instance.data
  const root = instance.parentElement.querySelector(".pq")
  const setTriggerValue = (name, value) => instance.setTriggerValue(name, value)
  render({ parentElement: instance.parentElement, setTriggerValue, data: { ...article, summarises: !article.current } })
  drawSummary(root, instance.data, (name, value) => root.pqSend(name, value))
  const button = root.querySelector(".summarise")
  if (button) button.hidden = Boolean(told)
  const mark = root.querySelector("mark:not(.pointed)")
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
