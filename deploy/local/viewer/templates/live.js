// Without this script the page is the same; new events then come with the next load.
const rows = document.querySelector("[data-live]");
const connection = document.querySelector("[data-connection]");
const source = new EventSource(rows.dataset.live);
source.onopen = () => { connection.textContent = ""; };
source.onerror = () => { connection.textContent = "Not connected; trying again."; };
source.onmessage = (event) => {
  const received = document.createElement("template");
  received.innerHTML = event.data;
  rows.prepend(received.content);
  document.querySelector("[data-empty]")?.remove();
  while (rows.children.length > 1000) rows.lastElementChild.remove();
};
