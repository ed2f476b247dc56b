const row = (conversation, send) =>
  el("li", { class: conversation.open ? "open" : null },
    el("a", { href: conversation.link, target: "_self", title: conversation.title, "aria-current": conversation.open ? "page" : null,
      onclick: instead(() => send("open", conversation.id)) }, conversation.title),
    el("button", { type: "button", "aria-label": `Delete the conversation ${conversation.title}`, title: "Delete",
      onclick: () => send("remove", conversation.id) }, "×"))

export default component((data, send) => [
  el("h2", {}, "Conversations"),
  el("ul", {}, data.conversations.map((conversation) => row(conversation, send))),
])
