// Keeps the list fresh while somebody looks at it. Without this script the page is read again by hand.

const EVERY_MS = 2_000;
setInterval(() => void refresh(), EVERY_MS);

async function refresh() {
  const main = document.querySelector('main');
  const isRead =
    main.querySelector('details[open]') !== null || getSelection()?.isCollapsed === false;
  if (document.hidden || isRead) return;
  try {
    const response = await fetch(location.pathname, { credentials: 'omit' });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const fresh = page.querySelector('main');
    if (fresh !== null && main.querySelector('details[open]') === null) main.replaceWith(fresh);
  } catch {
    // The gateway is unreachable: what was last known stays.
  }
}
