// A menu of the formats that something can be copied or saved in.

const save = (file) => {
  const address = URL.createObjectURL(new Blob([file.text], { type: file.type }))
  el("a", { href: address, download: file.name }).click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}

const format = (file) =>
  el("li", {},
    el("span", { class: "format" }, file.label),
    copyButton("Copy", file.text, `Copy as ${file.label}`),
    el("button", { type: "button", class: "action", "aria-label": `Save as ${file.label}`, onclick: () => save(file) }, "Save"))

const formats = (label, files) => {
  const summary = el("summary", { class: "action" }, label, el("span", { class: "arrow", "aria-hidden": "true" }))
  const menu = el("details", { class: "formats" }, summary, el("ul", {}, files.map(format)))
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return
    menu.open = false
    summary.focus()
  })
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false
  })
  menu.addEventListener("toggle", () => {
    const close = (event) => {
      if (event.composedPath().includes(menu)) return
      menu.open = false
    }
    if (menu.open) addEventListener("pointerdown", (menu.close = close))
    else removeEventListener("pointerdown", menu.close)
  })
  return menu
}
