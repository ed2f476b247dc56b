const item = (record, send) =>
  el("li", {},
    el("div", { class: "what" },
      el("a", { class: "title", href: record.link, target: "_self" }, record.title),
      el("p", { class: "meta" }, [record.publisher, record.author, record.date].filter(Boolean).join(" · "))),
    el("button", { type: "button", class: "action remove", "aria-label": `Remove ${record.title}`,
      onclick: () => send("remove", record.id) }, "Remove"))

export default component((data, send) => [el("ul", { "aria-label": "Articles" }, data.records.map((record) => item(record, send)))])
