const many = (n, one) => `${n.toLocaleString("en")} ${n === 1 ? one : `${one}s`}`

const act = (label, said, name, send) =>
  el("button", { type: "button", class: "action", "aria-label": said, onclick: () => send(name, true) }, label)

export default component((data, send) => [
  el("section", { class: "profile", "aria-label": data.name },
    el("div", { class: "head" },
      el("h2", {}, data.name),
      el("a", { class: "action", href: data.all, target: "_self", onclick: instead(() => send("go", data.all)) }, "All speakers")),
    data.office && el("p", { class: "office" }, data.office),
    el("p", { class: "meta" }, [`${many(data.quotations, "quotation")} in ${many(data.articles, "article")}`, data.span].filter(Boolean).join(" · ")),
    data.names.length > 0 && el("p", { class: "meta names" }, "Also called ",
      data.names.map((name, n) => [n > 0 && ", ", el("span", { class: "alias" }, name)]).flat(),
      data.more > 0 && ` and ${data.more} more`),
    data.apart && el("p", { class: "meta" }, "Kept to one article: others of this name may be somebody else. Merge them if they are not."),
    el("div", { class: "actions" },
      act("Merge …", `Merge ${data.name} with somebody`, "merge", send),
      act("Split …", `Split ${data.name}`, "split", send),
      data.decisions > 0 && act("Undo merges and splits …", `Undo what was merged into or split off as ${data.name}`, "reset", send))),
])
