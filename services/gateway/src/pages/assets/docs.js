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
    say(form, 'Forgotten. Calls go out without a token.', 'muted');
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
  const answer = await send(form, { method: 'POST', path: '/auth/v1/login', body });
  if (answer === undefined) return;
  password.value = '';
  if (answer.status !== 200) {
    remember(form, undefined);
    say(form, problemOf(answer), 'bad');
    return;
  }
  remember(form, JSON.parse(answer.text).accessToken);
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
  const answer = await send(form, request);
  if (answer !== undefined) show(form, request, answer);
}

/** The path with its variables and query filled in. */
function filled(path, form) {
  const query = new URLSearchParams();
  let target = path;
  for (const { name, value } of form.elements) {
    const [place, parameter] = name.split(':');
    if (place === 'path') target = target.replace(`{${parameter}}`, () => segmentOf(value));
    if (place === 'query' && value !== '') query.append(parameter, value);
  }
  return query.size === 0 ? target : `${target}?${query}`;
}

/** The gateway takes one spelling of a path: what need not be encoded must not be. */
function segmentOf(value) {
  return encodeURIComponent(value).replaceAll(/%(?:2[46BC]|3[AD]|40)/g, decodeURIComponent);
}

/** Undefined when there was no answer; then the form says so. */
async function send(form, { method, path, body }) {
  const button = form.querySelector('button');
  button.disabled = true;
  say(form, 'Sending …', 'muted');
  const startedMs = performance.now();
  try {
    const headers = {};
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (accessToken !== undefined) headers.authorization = `Bearer ${accessToken}`;
    const response = await fetch(path, { method, headers, body, credentials: 'omit' });
    const text = await response.text();
    return {
      status: response.status,
      text,
      headers: response.headers,
      tookMs: performance.now() - startedMs,
    };
  } catch {
    say(form, 'There was no answer. Does the gateway still run?', 'bad');
    return undefined;
  } finally {
    button.disabled = false;
  }
}

function show(form, request, answer) {
  const output = form.querySelector('output');
  const line = document.createElement('p');
  const status = document.createElement('strong');
  status.className = answer.status < 400 ? 'good' : 'bad';
  status.textContent = String(answer.status);
  const took = answer.tookMs.toFixed(0);
  line.append(status, ` · ${request.method} ${request.path} · ${took} ms `, ...linkToTrace(answer));
  const text = document.createElement('pre');
  text.textContent = pretty(answer.text) || '(no body)';
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
    return 'The answer made no sense.';
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
