const row = (item, most, send) =>
  el("li", { class: item.chosen ? "chosen" : null },
    el("a", { href: item.link, target: "_self", "data-name": item.name, "aria-current": item.chosen ? "true" : null,
      title: item.office ? `${item.name}, ${item.office}` : item.name, onclick: instead(() => send("go", item.link)) },
      el("span", { class: "name" }, item.name),
      el("span", { class: "count" }, item.count.toLocaleString("en"), el("span", { class: "unseen" }, " quotations")),
      el("span", { class: "share", "aria-hidden": "true", style: `width:${Math.max(2, Math.round((100 * item.count) / most))}%` })))

const list = (data, send) => {
  const most = Math.max(1, ...data.rows.map((item) => item.count))
  return [
    data.rows.length > 0 && el("ul", { "aria-label": "Speakers" }, data.rows.map((item) => row(item, most, send))),
    data.rows.length === 0 && el("p", { class: "meta" }, data.sought ? "Nobody of that name says any of these." : "Nobody is named here."),
    data.nobody > 0 && el("ul", { class: "nobody", "aria-label": "Without a speaker" },
      row({ name: "Speaker not given", count: data.nobody, chosen: data.nobody_chosen, link: data.nobody_link, office: "" }, Infinity, send)),
    data.more && el("p", { class: "meta more" }, "More can be found by name, and those who are only described by these words: “the mayor”."),
  ]
}

// The field stays as it is while the list under it changes, so that nobody is interrupted in typing.
const build = (root) => {
  const field = el("input", { type: "search", placeholder: "Find a speaker", "aria-label": "Find a speaker", autocomplete: "off" })
  let timer
  const find = () => {
    clearTimeout(timer)
    if (root.pqFound !== field.value.trim()) root.pqSend("find", root.pqFound = field.value.trim())
  }
  field.addEventListener("input", () => {
    clearTimeout(timer)
    timer = setTimeout(find, 300)
  })
  field.addEventListener("keydown", (event) => event.key === "Enter" && find())
  const body = el("div", { class: "body" })
  const box = el("details", { open: matchMedia("(min-width: 640px)").matches },
    el("summary", {}, el("h2", {}, "Speakers")), field, body)
  root.replaceChildren(box)
  return { field, body }
}

export default (instance) => {
  const root = instance.parentElement.querySelector(".pq")
  root.pqSend = (name, value) => instance.setTriggerValue(name, value)
  root.pqParts ??= build(root)
  const { data } = instance
  const stamp = JSON.stringify(data)
  if (root.pqDrawn === stamp) return
  root.pqDrawn = stamp
  const { field, body } = root.pqParts
  if (root.pqFound === undefined) field.value = root.pqFound = data.sought
  field.hidden = !data.more && !data.sought
  redraw(body, list(data, (name, value) => root.pqSend(name, value)))
}
