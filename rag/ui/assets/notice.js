export default component((data) => [
  el("div", { class: `notice ${data.kind}`, role: data.kind === "error" ? "alert" : "status" },
    data.title && el("strong", {}, data.title),
    el("ul", {}, data.lines.map((line) => el("li", {}, line)))),
])
