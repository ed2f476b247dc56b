const offer = ({ title, terms }, send) => [
  el("p", { class: "line" }, `${title} can write answers from the quotations, on this machine. ${terms}.`),
  el("button", { type: "button", class: "fetch", onclick: () => send("fetch", true) }, "Fetch the language model"),
]

const pull = ({ what, share, line }, send) => [
  el("div", { class: "bar", role: "progressbar", "aria-label": what, "aria-valuemin": 0, "aria-valuemax": 100,
    "aria-valuenow": Math.round(share * 100) }, el("span", { style: `width:${share * 100}%` })),
  el("p", { class: "line going" }, el("span", {}, line),
    el("button", { type: "button", class: "action", "data-name": "stop", "aria-label": "Stop the fetch",
      onclick: () => send("stop", true) }, "Stop")),
]

export default component((data, send) => [
  el("h2", {}, "Answers"),
  el("p", { class: `name ${data.state}` }, data.pull ? data.pull.what : data.name),
  !data.pull && data.line && el("p", { class: "line" }, data.line),
  data.fault && el("p", { class: "line fault", role: "status" }, data.fault),
  ...(data.pull ? pull(data.pull, send) : data.offer ? offer(data.offer, send) : []),
])
