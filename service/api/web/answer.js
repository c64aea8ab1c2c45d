// One question and its answer, drawn from what is known of it so far.

import { currentLanguage, count, day, percent, say } from "./words.js";
import { element, link } from "./text.js";

const SURE = [
  [0.9, "sure"],
  [0.65, "likely"],
  [0.4, "unsure"],
  [0, "doubtful"],
];

const REFUSED = [413, 422]; // and would be again

/** What `turn` shows. `turn.phase` is "asking", "done", "stopped" or "failed"; `open(quotation)` opens an article. */
export function drawTurn(turn, { open, retry }) {
  return [
    element("h2", { className: "question", textContent: turn.question }),
    turn.phase === "asking" && element("p", { className: "working" }, progress(turn)),
    turn.result?.status === "not_found" ? drawNotFound(turn, open) : drawAnswer(turn, open),
    turn.result && drawDetails(turn.result),
    turn.phase === "stopped" && element("p", { className: "notice" }, say("stopped")),
    turn.phase === "failed" && drawProblem(turn.problem, retry),
  ];
}

export function progress(turn) {
  return turn.evidence.length ? say("found", { count: count(turn.evidence.length) }) : say("searching");
}

/** What a screen reader is told when a turn has ended. */
export function spoken(turn) {
  if (turn.phase === "stopped") return say("stopped");
  if (turn.phase === "failed") return explain(turn.problem);
  const { result } = turn;
  if (result.status === "not_found") return `${say("notFound")} ${why(turn)}`;
  return `${result.answer} ${sureness(result)}`;
}

function drawAnswer(turn, open) {
  if (!turn.sentences.length) return null;
  const short = turn.result?.short_answer;
  return element(
    "div",
    { className: "answer", lang: turn.result?.language },
    short && element("p", { className: "short" }, short),
    element("p", { className: "sentences" }, turn.sentences.flatMap((sentence) => drawSentence(sentence, turn, open))),
    turn.result && drawConfidence(turn.result),
    element("h3", { className: "label", lang: currentLanguage() }, say("sources")),
    element("ol", { className: "citations" }, turn.citations.map((citation) => drawCitation(citation, open))),
  );
}

function drawSentence(sentence, turn, open) {
  const markers = sentence.citations.map((marker) => {
    const citation = turn.citations.find((known) => known.marker === marker);
    return element(
      "button",
      {
        type: "button",
        className: "marker",
        "aria-label": say("open", { marker, title: citation.title }),
        title: citation.title,
        onclick: () => open(citation),
      },
      String(marker),
    );
  });
  const support =
    sentence.support < 1 && element("small", { className: "support" }, say("support", { percent: percent(sentence.support) }));
  return [element("span", { className: "sentence" }, sentence.text, markers, support), " "];
}

/** How sure the answer is, in words and as a number; the number alone where it was not enough for one. */
function sureness({ status, confidence, calibrated }) {
  const number = { percent: percent(confidence) };
  const words =
    status === "not_found"
      ? say("best", number)
      : `${say(SURE.find(([least]) => confidence >= least)[1])}. ${say("confidence", number)}`;
  return calibrated ? words : `${words} (${say("uncalibrated")})`;
}

function drawConfidence(result) {
  const gauge = element("meter", { min: 0, max: 1, value: result.confidence, "aria-hidden": "true" });
  return element("p", { className: "confidence", lang: currentLanguage() }, gauge, sureness(result));
}

function why({ result, filters }) {
  const filtered = result.reason === "no_evidence" && Object.keys(filters).length > 0;
  return say(filtered ? "noEvidenceFiltered" : result.reason);
}

function drawNotFound(turn, open) {
  const near = turn.result.reason === "low_confidence" ? turn.evidence : [];
  return element(
    "div",
    { className: "not-found" },
    element("p", { className: "short" }, say("notFound")),
    element("p", {}, why(turn)),
    turn.result.reason === "low_confidence" && drawConfidence(turn.result),
    near.length > 0 &&
      element(
        "details",
        { className: "near" },
        element("summary", {}, `${say("near")} (${count(near.length)})`),
        element("ul", { className: "others" }, near.map((quotation) => drawOther(quotation, open, true))),
      ),
  );
}

function drawCitation(citation, open) {
  return element(
    "li",
    { value: citation.marker },
    element(
      "button",
      {
        type: "button",
        className: "quotation",
        "aria-label": `${say("open", { marker: citation.marker, title: citation.title })}. ${citation.quote}`,
        onclick: () => open(citation),
      },
      element("q", { lang: citation.language }, citation.quote),
      element("cite", { lang: citation.language }, citation.title),
    ),
    drawOrigin(citation),
    citation.older.length > 0 &&
      element(
        "div",
        { className: "older" },
        element("p", { className: "label" }, say("older")),
        element("ul", { className: "others" }, citation.older.map((older) => drawOther(older, open, true))),
      ),
    citation.also_in.length > 0 &&
      element(
        "details",
        { className: "also" },
        element("summary", {}, say("alsoIn", { count: count(citation.also_in.length) })),
        element("ul", { className: "others" }, citation.also_in.map((other) => drawOther(other, open, false))),
      ),
  );
}

function drawOther(quotation, open, quoted) {
  return element(
    "li",
    {},
    element(
      "button",
      {
        type: "button",
        className: "quotation small",
        "aria-label": say("openOther", { title: quotation.title }),
        onclick: () => open(quotation),
      },
      quoted && element("q", { lang: quotation.language }, quotation.quote),
      element("cite", { lang: quotation.language }, quotation.title),
    ),
    drawOrigin(quotation),
  );
}

/** Source, date, page and address, as far as the article has them. */
export function drawOrigin({ source, published, page, url }) {
  const parts = [
    source,
    published && day(published),
    page && say("page", { page: count(page) }),
    url && link(url, say("original")),
  ].filter(Boolean);
  if (!parts.length) return null;
  return element("p", { className: "origin" }, parts.flatMap((part, at) => (at ? [" · ", part] : [part])));
}

function drawDetails(result) {
  const asked = result.understood.length > 0 || result.fallback !== null;
  const rows = [
    [say("searched"), result.searched],
    ...result.understood.map((one) => [
      `${say("understood")}: ${say(one.kind)}`,
      one.kind === "history" ? one.meaning : `${one.text} → ${one.meaning}`,
    ]),
    [say("mode"), say(result.mode) + (result.fallback ? ` (${result.fallback})` : "")],
    [say("models"), Object.values(result.models).filter(Boolean).join(", ")],
    [say("time"), `${count(Math.round(result.timing_ms.total))} ms`],
  ];
  return element(
    "details",
    { className: "details", open: asked },
    element("summary", {}, say("details")),
    element("dl", {}, rows.flatMap(([term, meaning]) => [element("dt", {}, term), element("dd", {}, meaning)])),
  );
}

function drawProblem(problem, retry) {
  return element(
    "div",
    { className: "problem" },
    element("p", {}, explain(problem)),
    problem.requestId && element("p", { className: "origin" }, say("errorId", { id: problem.requestId })),
    !REFUSED.includes(problem.status) &&
      element("button", { type: "button", className: "quiet", onclick: retry }, say("retry")),
  );
}

/** A Problem, a Broken stream, or a mistake of the page's own, in plain words. */
export function explain(problem) {
  switch (problem.status) {
    case "broken":
      return say("errorBroken");
    case 0:
      return say("errorGone");
    case 401:
      return say("errorKey");
    case 404:
      return say("noArticle");
    case 410:
      return say("purged");
    case 413:
      return say("errorLarge");
    case 421:
      return say("errorHost");
    case 422:
      return say("errorInput", { detail: problem.message });
    case 429:
      return problem.retryAfterS === null ? say("errorBusy") : say("errorBusyFor", { seconds: problem.retryAfterS });
    case 502:
    case 503:
    case 504:
      return say("errorStarting");
    default:
      return say("errorOther", { status: problem.status ?? problem.name });
  }
}
