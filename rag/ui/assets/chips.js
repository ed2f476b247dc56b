const chip = (item, send) =>
  el("li", {},
    el("a", { class: item.chosen ? "chip chosen" : "chip", href: item.link, target: "_self", "data-name": item.label,
      "aria-label": item.chosen ? `Topic ${item.label}: take it away` : `Only about ${item.label}`,
      onclick: instead(() => send("go", item.link)) },
      item.label, item.chosen && el("span", { "aria-hidden": "true" }, "×")))

export default component((data, send) =>
  data.chips.length > 0 ? [el("div", { class: "row" },
    el("h2", {}, data.title), el("ul", { "aria-label": data.title }, data.chips.map((item) => chip(item, send))))] : [])
