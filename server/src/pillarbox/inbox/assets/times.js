// Shows times as people here write them; without this they are in UTC.
export function showLocalTimes(within) {
  const form = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" };
  for (const time of within.querySelectorAll("time")) {
    time.title = time.textContent;
    time.textContent = new Date(time.dateTime).toLocaleString(undefined, form);
  }
}

showLocalTimes(document);
