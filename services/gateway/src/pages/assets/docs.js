// Sends the calls of the page. The access token stays in the memory of this page, and nowhere else.

document.documentElement.classList.add('js');

let accessToken;

const panel = document.getElementById('log-in');
if (panel) {
  const form = panel.querySelector('form');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void logIn(form);
  });
  form.elements['log-out'].addEventListener('click', () => {
    remember(form, undefined);
    say(form, 'Signed out. Calls are sent without a token.', 'muted');
  });
}

for (const form of document.querySelectorAll('form[data-path]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void call(form);
  });
}

openTarget();
window.addEventListener('hashchange', openTarget);

/** Opens the call that the address names. */
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.tagName === 'DETAILS') target.open = true;
}

async function logIn(form) {
  const { email, password } = form.elements;
  const body = JSON.stringify({ email: email.value, password: password.value });
  const response = await send(form, { method: 'POST', path: '/auth/v1/login', body });
  if (response === undefined) return;
  password.value = '';
  if (response.status !== 200) {
    remember(form, undefined);
    say(form, problemOf(response), 'bad');
    return;
  }
  remember(form, JSON.parse(response.text).accessToken);
  const kept = 'Calls carry your access token, which this page keeps in memory.';
  say(form, `You are ${email.value}. ${kept}`, 'good');
}

function remember(form, token) {
  accessToken = token;
  form.elements['log-out'].hidden = token === undefined;
}

async function call(form) {
  const { method, path } = form.dataset;
  const request = { method, path: filled(path, form), body: form.elements.body?.value };
  const response = await send(form, request);
  if (response !== undefined) show(form, request, response);
}

/** The path with its variables and query filled in. */
function filled(path, form) {
  const query = new URLSearchParams();
  let target = path;
  for (const { name, value } of form.elements) {
    const [place, parameter] = name.split(':');
    if (place === 'path')
      target = target.replace(`{${parameter}}`, () => encodeURIComponent(value));
    if (place === 'query' && value !== '') query.append(parameter, value);
  }
  return query.size === 0 ? target : `${target}?${query}`;
}

/** Undefined when there was no response; then the form says so. */
async function send(form, { method, path, body }) {
  const button = form.querySelector('button');
  button.disabled = true;
  say(form, 'Sending …', 'muted');
  const startedMs = performance.now();
  try {
    const headers = {};
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (accessToken !== undefined) headers.authorization = `Bearer ${accessToken}`;
    const received = await fetch(path, { method, headers, body, credentials: 'omit' });
    const text = await received.text();
    return {
      status: received.status,
      text,
      headers: received.headers,
      tookMs: performance.now() - startedMs,
    };
  } catch {
    say(form, 'There was no response. Is the gateway still running?', 'bad');
    return undefined;
  } finally {
    button.disabled = false;
  }
}

function show(form, request, response) {
  const output = form.querySelector('output');
  const line = document.createElement('p');
  const status = document.createElement('strong');
  status.className = response.status < 400 ? 'good' : 'bad';
  status.textContent = String(response.status);
  const took = response.tookMs.toFixed(0);
  line.append(
    status,
    ` · ${request.method} ${request.path} · ${took} ms `,
    ...linkToTrace(response),
  );
  const text = document.createElement('pre');
  text.textContent = pretty(response.text) || '(no body)';
  output.className = '';
  output.replaceChildren(line, text);
}

function linkToTrace({ headers }) {
  const id = headers.get('x-request-id');
  if (panel?.dataset.traces !== 'yes' || !/^[0-9a-f]{32}$/.test(id ?? '')) return [];
  const link = document.createElement('a');
  link.href = `/traces/${id}`;
  link.textContent = 'where it went';
  return ['· ', link];
}

function problemOf({ text }) {
  try {
    return JSON.parse(text).detail;
  } catch {
    return 'The response is no problem+json.';
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

function say(form, text, className) {
  const output = form.querySelector('output');
  output.className = className;
  output.textContent = text;
}
