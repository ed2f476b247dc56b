const many = (n) => (n === 1 ? "1 quotation" : `${n.toLocaleString("en")} quotations`)

const bar = (item, most, send) => {
  const height = item.count ? Math.max(6, Math.round((100 * item.count) / most)) : 0
  const drawn = el("span", { class: "bar", style: `height:${height}%`, "aria-hidden": "true" })
  if (!item.count) return el("li", { class: "none", "aria-hidden": "true" }, drawn)
  const said = `${item.label}: ${many(item.count)}`
  return el("li", {},
    el("a", { href: item.link, target: "_self", "aria-label": said, "data-said": said, tabindex: -1,
      onclick: instead(() => send("go", item.link)) }, drawn))
}

// One stop for the Tab key; the arrows go from bar to bar.
const walk = (list) => {
  const bars = [...list.querySelectorAll("a")]
  bars[0].tabIndex = 0
  list.addEventListener("keydown", (event) => {
    const at = bars.indexOf(event.target)
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: bars.length - 1 }[event.key]
    if (at < 0 || !bars[next]) return
    event.preventDefault()
    bars[at].tabIndex = -1
    bars[next].tabIndex = 0
    bars[next].focus()
  })
}

const draw = (data, send) => {
  const most = Math.max(...data.bars.map((item) => item.count))
  const peak = data.bars.find((item) => item.count === most)
  const rest = data.bars.length > 1 ? `Most: ${peak.label}, ${many(most)}.` : `${peak.label}: ${many(most)}.`
  const undated = data.undated ? ` ${many(data.undated)} without a date.` : ""
  const line = el("p", { class: "meta line" }, rest + undated)
  const list = el("ol", { class: data.bars.length > 31 ? "bars dense" : "bars", "aria-label": "Quotations over time" },
    data.bars.map((item) => bar(item, most, send)))
  walk(list)
  const tell = (event) => { line.textContent = event.target.closest?.("a")?.dataset.said ?? rest + undated }
  for (const kind of ["mouseover", "focusin"]) list.addEventListener(kind, tell)
  for (const kind of ["mouseleave", "focusout"]) list.addEventListener(kind, () => { line.textContent = rest + undated })
  return [
    el("div", { class: "head" },
      el("h2", {}, "Over time"),
      data.whole && el("a", { class: "action", href: data.whole, target: "_self", onclick: instead(() => send("go", data.whole)) }, "All dates")),
    list,
    el("p", { class: "ends meta", "aria-hidden": "true" }, el("span", {}, data.from),
      data.bars.length > 1 && el("span", {}, data.to)),
    line,
  ]
}

export default component(draw)
