// Without this script the page is the same; new texts then come with the next load.
const list = document.querySelector("[data-live]");
// One of the two scrolls: the texts where there is room, otherwise the page.
const screen = document.querySelector(".screen");
const page = document.scrollingElement;
const note = document.querySelector("[data-note]");
const connection = document.querySelector("[data-connection]");

function toEnd() {
  for (const box of [screen, page]) box.scrollTop = box.scrollHeight;
}

// Only what is new is added, so that a screen reader hears it once; what changed is changed in place.
function merge(items) {
  const wanted = new Set(items.map((item) => item.id));
  for (const old of [...list.children]) if (!wanted.has(old.id)) old.remove();
  const atEnd = [screen, page].every((box) => box.scrollTop + box.clientHeight > box.scrollHeight - 160);
  let added = false;
  for (const item of items) {
    const old = document.getElementById(item.id);
    if (!old) {
      list.append(item);
      added = true;
    } else if (old.outerHTML !== item.outerHTML) {
      old.className = item.className;
      for (const part of [".bubble", ".meta"]) {
        const [was, is] = [old.querySelector(part), item.querySelector(part)];
        if (was.outerHTML !== is.outerHTML) was.replaceWith(is);
      }
    }
  }
  if (added) document.querySelector("[data-empty]")?.remove();
  if (added && atEnd) toEnd();
}

if (list) {
  const source = new EventSource(list.dataset.live);
  source.onopen = () => { connection.textContent = ""; };
  source.onerror = () => { connection.textContent = "Not connected to the simulator; trying again."; };
  source.onmessage = (event) => {
    const received = document.createElement("template");
    received.innerHTML = event.data;
    const items = [...received.content.children];
    if ("whole" in list.dataset) list.replaceChildren(...items);
    else merge(items);
  };
  source.addEventListener("note", (event) => {
    note.hidden = event.data === "";
    if (note.textContent !== event.data) note.textContent = event.data;
  });
}
if (screen) toEnd();

const body = document.querySelector("#body");
body?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    body.form.requestSubmit();
  }
});
