/* Contacts logged without a signal: kept on this phone, sent again, entered once.

The form carries the id of what it enters, so that sending it twice changes nothing. What is kept is
kept for who typed it and goes as nobody else; it leaves the phone as soon as the school has it. */
(() => {
  "use strict";
  const KEY = "enlace.kept";
  const bar = document.getElementById("kept");
  if (!bar) return;
  const me = bar.dataset.who;
  const say = (name, n) => (n === undefined ? bar.dataset[name] : bar.dataset[n === 1 ? name + "One" : name + "Other"].replace("{n}", n));
  let sending = false;

  const all = () => {
    try {
      const found = JSON.parse(localStorage.getItem(KEY) || "[]");
      return Array.isArray(found) ? found : [];
    } catch {
      return [];
    }
  };
  const mine = () => all().filter((each) => each.who === me);
  const store = (kept) => localStorage.setItem(KEY, JSON.stringify(kept));
  const drop = (id) => store(all().filter((each) => each.id !== id));
  const keep = (one) => store([...all().filter((each) => each.id !== one.id), one]);

  /** Send one; `later` where it has to be tried again. */
  async function send(one) {
    let answer;
    try {
      answer = await fetch(one.to, {
        method: "POST",
        headers: {
          Accept: "application/json",
          "Content-Type": "application/x-www-form-urlencoded",
          // Somebody else may have signed in meanwhile, on another page of this phone.
          "X-Enlace-Keeper": me,
        },
        body: one.body,
        redirect: "error",
        signal: AbortSignal.timeout(20000),
      });
    } catch {
      return { result: "later", text: say("away") };
    }
    try {
      return await answer.json();
    } catch {
      return { result: "later", text: say("away") };
    }
  }

  const line = (text, warm) => {
    const p = document.createElement("p");
    if (warm) p.className = "strong";
    p.textContent = text;
    return p;
  };
  const button = (text, press) => {
    const b = document.createElement("button");
    b.type = "button";
    b.className = "btn";
    b.textContent = text;
    b.addEventListener("click", press);
    return b;
  };

  /** Say what waits, what was sent, and what was not accepted. */
  function show(text) {
    const waiting = mine().filter((each) => !each.refused);
    const refused = mine().filter((each) => each.refused);
    const parts = [];
    if (text) parts.push(line(text));
    if (waiting.length) {
      parts.push(line(say("waits", waiting.length), true), button(say("retry"), () => flush(true)));
    }
    for (const one of refused) {
      parts.push(
        line(`${say("refused")} ${one.name}. ${one.refused}`, true),
        line(one.words),
        button(say("drop"), () => {
          drop(one.id);
          show();
        }),
      );
    }
    bar.replaceChildren(...parts);
    bar.hidden = !parts.length;
    bar.classList.toggle("warm", Boolean(waiting.length || refused.length));
    bar.classList.toggle("done", !(waiting.length || refused.length));
  }

  /** Send everything that waits, one after another; who has left does not send for another. */
  async function flush(asked) {
    if (sending) return;
    sending = true;
    let sent = 0;
    let why = "";
    const told = [];
    for (const one of mine().filter((each) => !each.refused)) {
      const { result, text, warned } = await send(one);
      if (result === "kept") {
        drop(one.id);
        sent += 1;
        if (warned) told.push(text);
      } else if (result === "refused") {
        keep({ ...one, refused: text });
      } else {
        why = text;
        break;
      }
    }
    sending = false;
    const rest = mine().length;
    show(told.length ? told.join(" ") : sent && !rest ? say("sent") : asked || sent ? why : "");
  }

  const form = document.getElementById("attempt");
  if (form) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const press = form.querySelector("button.primary");
      press.disabled = true;
      const typed = new FormData(form);
      const one = {
        id: typed.get("attempt"),
        who: me,
        to: new URL(form.action).pathname,
        name: form.dataset.name,
        words: String(typed.get("words") || ""),
        body: new URLSearchParams(typed).toString(),
      };
      let stored = true;
      try {
        keep(one); // before it is sent: what happens to the page meanwhile loses nothing
      } catch {
        stored = false;
      }
      const { result, text, warned } = await send(one);
      if (result === "kept" && !warned) {
        if (stored) drop(one.id);
        location.assign(`${one.to}?done=contact`);
        return;
      }
      press.disabled = false;
      if (result === "kept" && stored) drop(one.id);
      if (result === "refused") {
        if (stored) drop(one.id);
        form.submit(); // the page itself shows what is missing, with what was typed
        return;
      }
      const safe = stored || result === "kept";
      show(safe ? text : say("full"));
      bar.scrollIntoView({ block: "nearest" });
      bar.focus();
      if (safe) {
        // The next one is another one: a new id, and nothing typed.
        form.reset();
        form.elements.attempt.value = fresh();
      }
    });
  }

  /** A new id in the order of time (UUIDv7, RFC 9562). */
  function fresh() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    let now = Date.now();
    for (let place = 5; place >= 0; place -= 1) {
      bytes[place] = now % 256;
      now = Math.floor(now / 256);
    }
    bytes[6] = (bytes[6] & 0x0f) | 0x70;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  addEventListener("online", () => flush(false));
  show();
  flush(false);
})();
