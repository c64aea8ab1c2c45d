// The service's HTTP API, as far as the page needs it.

const KEY = "kutipan.key";

/** An answer that is an error: a problem (RFC 9457), or 0 where there was no answer at all. */
export class Problem extends Error {
  constructor(status, detail = "", requestId = null, retryAfterS = null) {
    super(detail);
    this.status = status;
    this.requestId = requestId;
    this.retryAfterS = retryAfterS;
  }
}

/** A stream that ended before `done`. */
export class Broken extends Error {
  status = "broken";
}

export function hasKey() {
  return sessionStorage.getItem(KEY) !== null;
}

export function keepKey(key) {
  sessionStorage.setItem(KEY, key);
}

async function request(path, options = {}) {
  const headers = { ...options.headers };
  if (hasKey()) headers.authorization = `Bearer ${sessionStorage.getItem(KEY)}`;
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0);
  }
  if (!response.ok) throw await problem(response);
  return response;
}

async function problem(response) {
  const wait = Number.parseInt(response.headers.get("retry-after"), 10);
  let body = {};
  try {
    body = await response.json();
  } catch {
    // Something between the page and the service answered; its status says enough.
  }
  return new Problem(response.status, body.detail, body.request_id, Number.isNaN(wait) ? null : wait);
}

export async function index() {
  return (await request("v1/index")).json();
}

/** Names of sources among the first thousand articles, in alphabetical order. */
export async function sources() {
  const { articles } = await (await request("v1/articles?limit=1000")).json();
  return [...new Set(articles.map((article) => article.source).filter(Boolean))].sort();
}

export async function article(id, version) {
  return (await request(`v1/articles/${encodeURIComponent(id)}?version=${version}`)).json();
}

/** The events of an answer as [name, data], until `done`. Throws a Problem, or Broken where it ends without. */
export async function* ask(body, signal) {
  const response = await request("v1/ask", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...body, stream: true }),
    signal,
  });
  for await (const [name, data] of serverEvents(response.body)) {
    if (name === "error") throw new Problem(data.status, data.detail, data.request_id);
    yield [name, data];
    if (name === "done") return;
  }
  throw new Broken();
}

/** Server-sent events with JSON data. A chunk may end anywhere, inside a character too. */
async function* serverEvents(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      let chunk;
      try {
        chunk = await reader.read();
      } catch (error) {
        if (error.name === "AbortError") throw error;
        throw new Broken();
      }
      if (chunk.done) return;
      const blocks = (rest + chunk.value).replaceAll("\r\n", "\n").split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const event = parse(block);
        if (event) yield event;
      }
    }
  } finally {
    reader.releaseLock();
  }
}

function parse(block) {
  let name = "message";
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length ? [name, JSON.parse(data.join("\n"))] : null;
}
