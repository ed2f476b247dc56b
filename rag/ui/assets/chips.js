const chip = (item, said, send) =>
  el("li", {},
    el("a", { class: item.kind ? "chip chosen" : "chip", href: item.link, target: "_self", "data-name": item.label, "aria-label": said,
      onclick: instead(() => send("go", item.link)) },
      item.kind === "Speaker" ? `${item.kind}: ${item.label}` : item.label,
      item.kind && el("span", { "aria-hidden": "true" }, "×")))

export default component((data, send) =>
  data.chosen.length + data.topics.length > 0 ? [el("div", { class: "row" },
    el("h2", {}, "Topics"),
    el("ul", { "aria-label": "Topics" },
      data.chosen.map((item) => chip(item, `${item.kind} ${item.label}: take it away`, send)),
      data.topics.map((item) => chip(item, `Only about ${item.label}`, send))))] : [])
