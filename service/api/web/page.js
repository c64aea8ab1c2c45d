// The page: a conversation, its filters, its language, and the key where the service asks for one.

import { LANGUAGES, chooseLanguage, count, currentLanguage, say } from "./words.js";
import { Broken, Problem, ask, hasKey, index, keepKey, sources } from "./service.js";
import { drawTurn, progress, spoken } from "./answer.js";
import { closeReader, drawReader, openQuotation } from "./reader.js";
import { element } from "./text.js";

const MOST_TURNS = 10; // what the service takes as history
const STATE_EVERY_MS = 5000; // while articles arrive, or the service can't be reached
const IDLE_STATE_EVERY_MS = 30000; // and where nothing happens that is known of here
const at = (id) => document.getElementById(id);
const composer = at("composer");
const question = at("question");
const turns = [];
let running = null; // the AbortController of the question that is being answered
let complaint = null; // the name of what is wrong with the form
let state = null; // the last answer of /v1/index
let nextLook = null; // the timer until it is asked again

// Language

function drawWords() {
  document.documentElement.lang = currentLanguage();
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = say(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", say(node.dataset.label));
  for (const node of document.querySelectorAll("[data-placeholder]")) node.placeholder = say(node.dataset.placeholder);
  for (const node of document.querySelectorAll("[data-language]")) {
    node.setAttribute("aria-pressed", String(node.dataset.language === currentLanguage()));
  }
  drawComposer();
  drawState();
  turns.forEach(drawOne);
  drawReader();
}

for (const node of document.querySelectorAll("[data-language]")) {
  node.addEventListener("click", () => {
    if (LANGUAGES.includes(node.dataset.language)) chooseLanguage(node.dataset.language);
    drawWords();
  });
}

// The state of the collection

async function watchState() {
  try {
    state = await index();
  } catch (error) {
    state = null;
    if (error instanceof Problem && error.status === 401) return; // asked for again once there is a key
    if (!(error instanceof Problem)) console.error(error);
  }
  drawState();
  clearTimeout(nextLook);
  nextLook = setTimeout(watchState, state === null || isArriving() ? STATE_EVERY_MS : IDLE_STATE_EVERY_MS);
}

function isArriving() {
  return state.pending > 0 || state.corpus?.state === "running";
}

function drawState() {
  if (state === null) at("state").textContent = "";
  else if (isArriving()) at("state").textContent = say("arriving", { count: count(state.articles) });
  else if (state.articles === 0) at("state").textContent = say("noArticles");
  else at("state").textContent = say("articles", { count: count(state.articles) });
}

// The form

function drawComposer() {
  document.body.classList.toggle("empty", turns.length === 0);
  at("welcome").hidden = turns.length > 0;
  at("anew").hidden = turns.length === 0;
  at("send").hidden = running !== null;
  at("stop").hidden = running === null;
  question.placeholder = say(turns.length ? "followup" : "placeholder");
  at("complaint").textContent = complaint ? say(complaint) : "";
  const chosen = Object.values(chosenFilters()).flat();
  at("narrow").textContent = chosen.length ? say("filtersSet", { what: chosen.join(", ") }) : say("filters");
}

function chosenFilters() {
  const filters = {};
  const given = new FormData(composer);
  for (const name of ["language", "published_from", "published_to"]) {
    if (given.get(name)) filters[name] = given.get(name);
  }
  if (given.get("source").trim()) filters.source = [given.get("source").trim()];
  return filters;
}

/** The name of what is wrong with a question or its filters; null where nothing is. */
function complaintOf(words, filters) {
  if (!/[\p{L}\p{N}]/u.test(words)) return "needsWords";
  // A date of which a part is missing has no value, and is told apart from none by this alone.
  const dates = [...composer.querySelectorAll("input[type=date]")];
  if (!dates.every((field) => field.validity.valid)) return "dateWrong";
  if (filters.published_from > filters.published_to) return "datesReversed";
  return null;
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  if (running) return;
  const words = question.value.trim();
  const filters = chosenFilters();
  complaint = complaintOf(words, filters);
  drawComposer();
  if (complaint) {
    question.focus();
    return;
  }
  question.value = "";
  fit();
  const turn = { question: words, filters, section: element("section", { className: "turn" }) };
  turns.push(turn);
  at("conversation").append(turn.section);
  answer(turn);
});

question.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    composer.requestSubmit();
  }
});

function fit() {
  question.style.height = "auto";
  question.style.height = `${question.scrollHeight}px`;
}
question.addEventListener("input", fit);
composer.addEventListener("change", drawComposer);
at("clear").addEventListener("click", () => {
  for (const field of at("filters").querySelectorAll("input, select")) field.value = ""; // not the question
  drawComposer();
});
at("stop").addEventListener("click", () => running?.abort());
at("narrow").addEventListener("click", async () => {
  const opened = at("filters").hidden;
  at("filters").hidden = !opened;
  at("narrow").setAttribute("aria-expanded", String(opened));
  if (!opened) return;
  at("filters").querySelector("select").focus();
  try {
    at("sources").replaceChildren(...(await sources()).map((value) => element("option", { value })));
  } catch (error) {
    if (!(error instanceof Problem)) throw error; // a source can be typed as well
  }
});
at("anew").addEventListener("click", () => {
  running?.abort();
  running = null;
  turns.length = 0;
  at("conversation").replaceChildren();
  closeReader();
  drawComposer();
  question.focus();
});

// Answers

function history(turn) {
  const earlier = turns.slice(0, turns.indexOf(turn)).filter((before) => before.result);
  return earlier.slice(-MOST_TURNS).map((before) => ({ question: before.question, answer: before.result.answer }));
}

async function answer(turn) {
  const controller = new AbortController();
  running = controller;
  Object.assign(turn, { phase: "asking", evidence: [], sentences: [], citations: [], result: null, problem: null });
  drawComposer();
  drawOne(turn);
  turn.section.scrollIntoView({ block: "start" });
  speak(progress(turn));
  try {
    await follow(turn, controller.signal);
    turn.phase = "done";
  } catch (error) {
    if (error.name === "AbortError") turn.phase = "stopped";
    else Object.assign(turn, { phase: "failed", problem: error });
    if (turn.phase === "failed" && !(error instanceof Problem) && !(error instanceof Broken)) console.error(error);
  }
  if (!turns.includes(turn)) return; // a new conversation began meanwhile
  running = null;
  drawComposer();
  drawOne(turn);
  speak(spoken(turn));
  question.focus({ preventScroll: true });
}

async function follow(turn, signal) {
  const body = { question: turn.question, filters: turn.filters, history: history(turn) };
  for (;;) {
    try {
      for await (const [name, data] of ask(body, signal)) take(turn, name, data);
      return;
    } catch (error) {
      if (!(error instanceof Problem) || !(await admitted(error))) throw error;
    }
  }
}

function take(turn, name, data) {
  if (name === "evidence") turn.evidence = data.evidence;
  else if (name === "sentence") {
    turn.sentences.push(data.sentence);
    turn.citations.push(...data.citations);
  } else if (name === "done") {
    Object.assign(turn, { result: data, sentences: data.sentences, citations: data.citations });
    return; // drawn when the phase is known
  }
  drawOne(turn);
}

function drawOne(turn) {
  turn.section.setAttribute("aria-busy", String(turn.phase === "asking"));
  const drawn = drawTurn(turn, {
    open: (quotation) => openQuotation(quotation, admitted),
    retry: () => running === null && answer(turn),
  });
  turn.section.replaceChildren(...drawn.filter(Boolean));
}

function speak(words) {
  at("spoken").textContent = words;
}

// The key

/** Asks for a key where that is what a problem is about; whether there is one now to try with. */
async function admitted(problem) {
  if (problem.status !== 401) return false;
  at("key-reason").textContent = say(hasKey() ? "keyWrong" : "keyReason");
  at("key-field").value = "";
  at("key").returnValue = ""; // Escape leaves it as it is
  at("key").showModal();
  return new Promise((resolve) => {
    at("key").addEventListener("close", () => resolve(at("key").returnValue === "given"), { once: true });
  });
}

at("key").querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  keepKey(at("key-field").value.trim());
  at("key").close("given");
  watchState();
});
at("key-cancel").addEventListener("click", () => at("key").close());

drawWords();
watchState();
