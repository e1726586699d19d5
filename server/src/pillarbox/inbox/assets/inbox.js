// Keeps the part of a page that changes up to date: fetches the page again and swaps that part alone, so that whoever
// fills in a form is not disturbed. The list of messages asks whether there is news first, and waits for it.
import { showLocalTimes } from "/inbox/assets/times.js";

const LONGEST_WAIT = 30;
const WHILE_UNDER_WAY = 2;
const live = document.getElementById("live");
let shown;

const sleep = (seconds) => new Promise((wake) => setTimeout(wake, 1000 * seconds));

const visible = () =>
  new Promise((wake) => {
    if (!document.hidden) wake();
    else document.addEventListener("visibilitychange", () => wake(), { once: true });
  });

async function news() {
  const query = new URLSearchParams(location.search);
  query.delete("token");
  query.set("refused", "true");
  query.set("wait", "underWay" in live.dataset ? WHILE_UNDER_WAY : LONGEST_WAIT);
  if (live.dataset.newest) query.set("since", live.dataset.newest);
  const answer = await fetch(`/inbox/messages?${query}`);
  if (!answer.ok) throw new Error(answer.status);
  return (await answer.json()).messages.length > 0 || "underWay" in live.dataset;
}

async function refresh() {
  const answer = await fetch(location.href);
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("live");
  if (fresh.innerHTML === shown) return;
  shown = fresh.innerHTML;
  const focused = live.contains(document.activeElement) ? document.activeElement.id : null;
  showLocalTimes(fresh);
  live.replaceChildren(...fresh.childNodes);
  for (const name of ["newest", "underWay"]) {
    if (name in fresh.dataset) live.dataset[name] = fresh.dataset[name];
    else delete live.dataset[name];
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  const count = document.getElementById("count");
  if (count) count.textContent = page.getElementById("count").textContent;
  const empty = document.getElementById("empty");
  if (empty) empty.hidden = page.getElementById("empty").hidden;
}

async function keepUp() {
  const isList = "newest" in live.dataset;
  for (;;) {
    try {
      await visible();
      if (isList ? await news() : await sleep(live.dataset.every).then(() => true)) await refresh();
    } catch {
      await sleep(3);
    }
  }
}

// A page that says what is wrong stays as it is.
if (live && !document.querySelector(".mistake")) keepUp();
