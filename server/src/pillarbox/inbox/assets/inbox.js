// Keeps the list up to date: waits for something newer, fetches the page, and swaps only the list and its count,
// so that whoever types into the search form is not disturbed.
import { showLocalTimes } from "/inbox/assets/times.js";

const list = document.getElementById("messages");

async function isNews() {
  const query = new URLSearchParams(location.search);
  query.delete("token");
  query.set("wait", "30");
  if (list.dataset.newest) query.set("since", list.dataset.newest);
  const answer = await fetch(`/inbox/messages?${query}`);
  if (!answer.ok) throw new Error(answer.status);
  return (await answer.json()).messages.length > 0;
}

async function refresh() {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const fresh = page.getElementById("messages");
  const focused = list.contains(document.activeElement) ? document.activeElement.id : null;
  showLocalTimes(fresh);
  list.replaceChildren(...fresh.childNodes);
  list.dataset.newest = fresh.dataset.newest;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  document.getElementById("count").textContent = page.getElementById("count").textContent;
  document.getElementById("empty").hidden = page.getElementById("empty").hidden;
}

async function live() {
  for (;;) {
    try {
      if (await isNews()) await refresh();
    } catch {
      await new Promise((wake) => setTimeout(wake, 3000));
    }
  }
}

live();
