// An article at the version that was quoted, with the quoted characters marked.

import { drawOrigin, explain } from "./answer.js";
import { count, say } from "./words.js";
import { element, utf16 } from "./text.js";
import { Problem, article as fetchArticle } from "./service.js";

const dialog = document.getElementById("reader");
const page = document.getElementById("article");
const place = document.getElementById("place");
const wide = window.matchMedia("(min-width: 62rem)");
let shown = null; // the quotation that is open, and its article once it has come
let opener = null;

document.getElementById("close").addEventListener("click", closeReader);
dialog.addEventListener("close", left);
// Beside the conversation it isn't modal, so that Escape is ours to hear.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && dialog.open && !document.querySelector("dialog:modal")) closeReader();
});

export function closeReader() {
  if (dialog.open) dialog.close();
}

function left() {
  document.body.classList.remove("reading");
  shown = null;
  opener?.focus({ preventScroll: true });
}

/** Opens the article of a quotation; `admitted(problem)` may let a request that was refused be made again. */
export async function openQuotation(quotation, admitted) {
  if (!dialog.open) {
    opener = document.activeElement;
    if (wide.matches) dialog.show();
    else dialog.showModal();
    document.body.classList.add("reading");
  }
  const here = { quotation, article: null, problem: null };
  shown = here;
  drawReader();
  for (;;) {
    try {
      here.article = await fetchArticle(quotation.article_id, quotation.version);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (await admitted(error)) continue;
      here.problem = error;
    }
    break;
  }
  if (shown !== here) return; // another one was opened meanwhile
  drawReader();
  page.focus({ preventScroll: true });
  page.querySelector("mark")?.scrollIntoView({ block: "center" });
}

/** Draws what is open, anew after the language has changed. */
export function drawReader() {
  if (!shown) return;
  const { quotation, article, problem } = shown;
  const title = element("h2", { id: "reader-title", lang: quotation.language }, quotation.title);
  place.textContent = "";
  if (problem) {
    page.replaceChildren(title, element("p", { className: "notice" }, explain(problem)));
  } else if (!article) {
    page.replaceChildren(title, element("p", { className: "working" }, say("loading")));
  } else {
    const { nodes, quote } = marked(article, quotation);
    place.textContent =
      quote === quotation.quote
        ? say("exact", { start: count(quotation.start), end: count(quotation.end) })
        : say("inexact");
    page.replaceChildren(
      title,
      drawOrigin({ ...article, page: quotation.page }) ?? "",
      article.current ? "" : element("p", { className: "notice" }, say("oldVersion")),
      element("div", { className: "text", lang: article.language }, nodes),
    );
  }
}

/** The article's text cut at its pages and at the quotation, which is marked, and the characters so marked. */
function marked(article, { start, end }) {
  const { text } = article;
  const offsets = [...new Set([0, start, end, ...article.page_starts])].sort((a, b) => a - b);
  const cuts = utf16(text, offsets);
  const pages = new Map(article.page_starts.map((offset, at) => [offset, at + 1]));
  const nodes = [];
  let quote = "";
  offsets.forEach((offset, at) => {
    if (pages.has(offset)) {
      nodes.push(element("span", { className: "folio", "data-page": say("page", { page: count(pages.get(offset)) }) }));
    }
    const piece = text.slice(cuts[at], cuts[at + 1] ?? text.length);
    const inside = offset >= start && offset < end;
    if (inside) quote += piece;
    if (piece) nodes.push(inside ? element("mark", {}, piece) : piece);
  });
  return { nodes, quote };
}
