// Keeps the list up to date: waits for something newer, then fetches the page and swaps the list.
const since = () => document.getElementById("messages").dataset.newest;

async function waitForNews() {
  const query = new URLSearchParams(location.search);
  query.set("wait", "30");
  if (since()) query.set("since", since());
  const answer = await fetch(`/inbox/messages?${query}`);
  if (!answer.ok) throw new Error(answer.status);
  return (await answer.json()).messages.length > 0;
}

async function refresh() {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  document.querySelector("main").replaceWith(page.querySelector("main"));
}

async function live() {
  for (;;) {
    try {
      if (await waitForNews()) await refresh();
    } catch {
      await new Promise((wake) => setTimeout(wake, 3000));
    }
  }
}

live();
