const words = (parts) => parts.map(([text, spoken]) => (spoken ? el("strong", {}, text) : text))

const attribution = (card) =>
  el("figcaption", {},
    card.speaker && el("a", { class: "speaker", href: card.speaker_link, target: "_self",
      title: `All that ${card.speaker} says` }, card.speaker),
    el("span", { class: "title" }, card.title),
    el("span", { class: "meta" }, [card.publisher, card.date].filter(Boolean).join(" · ")))
