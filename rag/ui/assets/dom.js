// Shared by all components. Data only ever becomes text nodes and attributes, never markup.

const el = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value)
    else if (value === true) node.setAttribute(name, "")
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, String(value))
  }
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue
    node.append(typeof child === "object" ? child : document.createTextNode(String(child)))
  }
  return node
}

// Only web addresses become links: an article's URL is somebody else's data.
const isWebAddress = (url) => /^https?:\/\//i.test(url)

const originalLink = (url) =>
  url && isWebAddress(url) && el("a", { class: "action", href: url, target: "_blank", rel: "noopener noreferrer" },
    "Read the original", el("span", { "aria-hidden": "true" }, "↗"), el("span", { class: "unseen" }, " (opens a new tab)"))

const copyText = async (text) => {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const area = el("textarea", { style: "position:fixed;opacity:0" })
    area.value = text
    document.body.append(area)
    area.select()
    const copied = document.execCommand("copy")
    area.remove()
    return copied
  }
}

const copyButton = (label, text, describedAs) => {
  const status = el("span", { class: "unseen", role: "status" })
  const shown = el("span", {}, label)
  const button = el("button", { type: "button", class: "action copy", "aria-label": describedAs || label }, shown)
  let timer
  button.addEventListener("click", async () => {
    const copied = await copyText(text)
    shown.textContent = copied ? "Copied ✓" : "Press Ctrl+C"
    button.classList.toggle("done", copied)
    status.textContent = copied ? "Copied to the clipboard" : "Could not copy"
    clearTimeout(timer)
    timer = setTimeout(() => {
      shown.textContent = label
      button.classList.remove("done")
      status.textContent = ""
    }, 2000)
  })
  return [button, status]
}

// What a click on a link does instead of loading the page anew, unless the reader wants another tab.
const instead = (act) => (event) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button) return
  event.preventDefault()
  act(event)
}

// What is focused is found again by its name after a redraw, so that the keyboard goes on where it was.
const nameOf = (node) => node.dataset.name || node.getAttribute("aria-label") || node.textContent
const redraw = (root, nodes) => {
  const active = root.getRootNode().activeElement
  const name = active && root.contains(active) ? nameOf(active) : ""
  root.replaceChildren(...nodes.filter(Boolean))
  if (name) [...root.querySelectorAll("a, button, summary")].find((node) => nameOf(node) === name)?.focus({ preventScroll: true })
}

// A component draws when its data changes, so that a rerun of the page moves neither focus nor scroll.
const component = (draw) => (instance) => {
  const root = instance.parentElement.querySelector(".pq")
  root.pqSend = (name, value) => instance.setTriggerValue(name, value)
  const stamp = JSON.stringify(instance.data)
  if (root.pqDrawn === stamp) return
  root.pqDrawn = stamp
  redraw(root, draw(instance.data, (name, value) => root.pqSend(name, value)))
}
