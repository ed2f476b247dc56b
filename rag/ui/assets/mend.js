// Streamlit's drop zone has a label and a role that says there is none to read. Make it a group.
const mend = () => {
  for (const zone of document.querySelectorAll('[data-testid="stFileUploaderDropzone"][role="presentation"]')) {
    zone.setAttribute("role", "group")
  }
}

export default () => {
  mend()
  const observer = new MutationObserver(mend)
  observer.observe(document.querySelector(".stMain") || document.body, { childList: true, subtree: true })
  return () => observer.disconnect()
}
