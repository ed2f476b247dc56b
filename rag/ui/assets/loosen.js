const many = (n) => (n === 1 ? "1 quotation" : `${n.toLocaleString("en")} quotations`)
const to = (send, link) => ({ href: link, target: "_self", onclick: instead(() => send("go", link)) })

export default component((data, send) => [
  el("div", { class: "nothing", role: "status" },
    el("h2", {}, "No quotation fits all of this"),
    data.ways.length > 0 ? el("p", {}, "Take one thing away:") : el("p", {}, "Take more than one thing away, or start again."),
    el("ul", {},
      data.ways.map((way) => el("li", {}, el("a", to(send, way.link), `Without ${way.label}`), el("span", { class: "meta" }, ` ${many(way.count)}`))),
      el("li", {}, el("a", to(send, data.everything), "Start again")))),
])
