// What the page says, in both languages. {name} is filled in; nothing here is HTML.

export const LANGUAGES = ["id", "en"];

const WORDS = {
  id: {
    skip: "Langsung ke pertanyaan",
    languages: "Bahasa halaman",
    anew: "Percakapan baru",
    headline: "Apa kata artikelnya?",
    promise: "Setiap kalimat jawaban disertai kutipan kata demi kata yang dapat Anda buka di artikelnya. Bila artikel tidak memuat jawabannya, itulah yang dikatakan.",
    conversation: "Percakapan",
    question: "Pertanyaan",
    placeholder: "Tulis pertanyaan",
    followup: "Tanya lebih lanjut",
    ask: "Tanya",
    stop: "Hentikan",
    hint: "Enter untuk bertanya, Shift+Enter untuk baris baru",
    filters: "Saring artikel",
    filtersSet: "Saringan: {what}",
    language: "Bahasa",
    anyLanguage: "Semua",
    source: "Sumber",
    anySource: "Semua sumber",
    from: "Terbit sejak",
    to: "Terbit hingga",
    clear: "Hapus saringan",
    articles: "{count} artikel",
    noArticles: "Belum ada artikel",
    arriving: "{count} artikel, sedang bertambah",
    searching: "Mencari di artikel …",
    found: "Ditemukan {count} kutipan, memeriksa …",
    stopped: "Dihentikan.",
    notFound: "Tidak ada di dalam artikel.",
    no_evidence: "Tidak satu pun artikel membahasnya.",
    noEvidenceFiltered: "Tidak satu pun artikel yang lolos saringan membahasnya. Tanpa saringan mungkin ada.",
    low_confidence: "Ada kutipan yang berdekatan, tetapi tidak cukup meyakinkan untuk dijadikan jawaban.",
    unsupported: "Jawaban yang ditulis tidak didukung oleh kutipannya, jadi tidak ditampilkan.",
    near: "Kutipan yang berdekatan",
    confidence: "Keyakinan {percent}",
    best: "Keyakinan untuk yang terbaik hanya {percent}",
    sure: "Hampir pasti benar",
    likely: "Mungkin sekali benar",
    unsure: "Belum tentu benar",
    doubtful: "Meragukan",
    uncalibrated: "angka ini belum dikalibrasi",
    searched: "Dicari sebagai",
    understood: "Yang dipahami",
    history: "sambungan percakapan",
    comparison: "perbandingan",
    colloquial: "ejaan percakapan",
    spelling: "ejaan",
    abbreviation: "singkatan",
    period: "waktu",
    latest: "yang terbaru",
    sources: "Kutipan",
    open: "Buka kutipan {marker} di artikel: {title}",
    openOther: "Buka di artikel: {title}",
    alsoIn: "Kata yang sama di artikel lain ({count})",
    older: "Sebelumnya dilaporkan",
    page: "hlm. {page}",
    details: "Bagaimana ini dijawab",
    models: "Model",
    time: "Waktu",
    mode: "Cara",
    extractive: "kata demi kata dari artikel",
    generative: "ditulis model bahasa, diperiksa terhadap kutipan",
    support: "didukung {percent} oleh kutipannya",
    retry: "Coba lagi",
    close: "Tutup",
    loading: "Membuka artikel …",
    exact: "Karakter {start}–{end}, sama kata demi kata",
    inexact: "Teks di tempat ini tidak sama dengan kutipannya.",
    oldVersion: "Ini versi lama artikel, yang dikutip jawaban. Versi sekarang berbeda.",
    original: "Halaman asli",
    purged: "Versi artikel ini sudah dihapus permanen.",
    noArticle: "Artikel atau versi ini tidak ada lagi.",
    keyTitle: "Kunci API",
    keyReason: "Layanan ini meminta kunci. Kunci hanya diingat sampai tab ini ditutup.",
    keyWrong: "Kunci itu ditolak. Periksa lagi.",
    key: "Kunci",
    keySend: "Masuk",
    cancel: "Batal",
    needsWords: "Tulis pertanyaan dengan kata-kata.",
    dateWrong: "Lengkapi tanggal saringan, dengan tahun antara 1000 dan 8999.",
    datesReversed: "Tanggal awal sesudah tanggal akhir.",
    errorKey: "Tanpa kunci, layanan ini tidak menjawab.",
    errorHost: "Alamat ini hanya menjawab bila dibuka sebagai localhost.",
    errorLarge: "Pertanyaan atau percakapan ini terlalu panjang.",
    errorInput: "Pertanyaan ini tidak dapat diterima: {detail}",
    errorBusy: "Terlalu banyak pertanyaan sekaligus. Coba lagi sebentar lagi.",
    errorBusyFor: "Terlalu banyak pertanyaan sekaligus. Coba lagi dalam {seconds} detik.",
    errorStarting: "Layanan sedang disiapkan. Coba lagi sebentar lagi.",
    errorGone: "Layanan tidak dapat dihubungi. Periksa apakah masih berjalan.",
    errorBroken: "Sambungan terputus sebelum jawaban lengkap.",
    errorOther: "Terjadi kesalahan ({status}).",
    errorId: "Nomor permintaan: {id}",
  },
  en: {
    skip: "Skip to the question",
    languages: "Language of the page",
    anew: "New conversation",
    headline: "What do the articles say?",
    promise: "Every sentence of an answer comes with a verbatim quotation that you can open in its article. Where the articles don’t hold the answer, that is what you are told.",
    conversation: "Conversation",
    question: "Question",
    placeholder: "Write a question",
    followup: "Ask a follow-up question",
    ask: "Ask",
    stop: "Stop",
    hint: "Enter to ask, Shift+Enter for a new line",
    filters: "Filter articles",
    filtersSet: "Filters: {what}",
    language: "Language",
    anyLanguage: "Any",
    source: "Source",
    anySource: "Any source",
    from: "Published from",
    to: "Published to",
    clear: "Clear filters",
    articles: "{count} articles",
    noArticles: "No articles yet",
    arriving: "{count} articles, more arriving",
    searching: "Searching the articles …",
    found: "Quotations found: {count}. Checking …",
    stopped: "Stopped.",
    notFound: "Not in the articles.",
    no_evidence: "None of the articles speaks of it.",
    noEvidenceFiltered: "None of the articles that pass the filters speaks of it. Without the filters one may.",
    low_confidence: "Some quotations come near, but none is sure enough to be an answer.",
    unsupported: "The answer that was written isn’t supported by its quotations, so it is not shown.",
    near: "Quotations that come near",
    confidence: "Confidence {percent}",
    best: "Confidence in the best of them is only {percent}",
    sure: "Almost certainly right",
    likely: "Probably right",
    unsure: "Possibly right",
    doubtful: "Doubtful",
    uncalibrated: "this number is not calibrated",
    searched: "Searched as",
    understood: "What was understood",
    history: "from the conversation",
    comparison: "comparison",
    colloquial: "chat spelling",
    spelling: "spelling",
    abbreviation: "abbreviation",
    period: "time",
    latest: "the latest",
    sources: "Quotations",
    open: "Open quotation {marker} in its article: {title}",
    openOther: "Open in its article: {title}",
    alsoIn: "The same words in other articles ({count})",
    older: "Reported earlier",
    page: "p. {page}",
    details: "How this was answered",
    models: "Models",
    time: "Time",
    mode: "Manner",
    extractive: "verbatim from the articles",
    generative: "written by a language model, checked against the quotations",
    support: "supported {percent} by its quotations",
    retry: "Try again",
    close: "Close",
    loading: "Opening the article …",
    exact: "Characters {start}–{end}, word for word",
    inexact: "The text at this place isn’t the quotation.",
    oldVersion: "This is the older version of the article that the answer quotes. The present one differs.",
    original: "Original page",
    purged: "This version of the article was removed for good.",
    noArticle: "This article or version isn’t there any more.",
    keyTitle: "API key",
    keyReason: "This service asks for a key. It is remembered until this tab is closed.",
    keyWrong: "That key was refused. Please check it.",
    key: "Key",
    keySend: "Continue",
    cancel: "Cancel",
    needsWords: "Write a question in words.",
    dateWrong: "Complete the date of the filters, with a year between 1000 and 8999.",
    datesReversed: "The first date is after the last.",
    errorKey: "This service doesn’t answer without a key.",
    errorHost: "This address only answers when it is opened as localhost.",
    errorLarge: "This question or conversation is too long.",
    errorInput: "This question can’t be taken: {detail}",
    errorBusy: "Too many questions at once. Try again in a moment.",
    errorBusyFor: "Too many questions at once. Try again in {seconds} seconds.",
    errorStarting: "The service is starting. Try again in a moment.",
    errorGone: "The service can’t be reached. Check that it is still running.",
    errorBroken: "The connection ended before the answer was complete.",
    errorOther: "Something went wrong ({status}).",
    errorId: "Request: {id}",
  },
};

const KEPT = "kutipan.language";
let language = localStorage.getItem(KEPT) ?? preferred();

function preferred() {
  const wanted = navigator.languages.map((tag) => tag.toLowerCase().split("-")[0]);
  // Malay readers, and browsers that still say "in", read Indonesian.
  const known = wanted.map((tag) => ({ in: "id", ms: "id" })[tag] ?? tag);
  return known.find((tag) => LANGUAGES.includes(tag)) ?? "en";
}

export function currentLanguage() {
  return language;
}

export function chooseLanguage(chosen) {
  language = chosen;
  localStorage.setItem(KEPT, chosen);
}

/** The words for `name` with its {places} filled; throws where there are none, so that a missing one is seen. */
export function say(name, places = {}) {
  const words = WORDS[language][name];
  if (words === undefined) throw new Error(`no words for ${name}`);
  return words.replace(/\{(\w+)\}/g, (_, place) => String(places[place]));
}

/** The reader's own variant of the page's language ("en-GB"), for dates and numbers. */
function locale() {
  return navigator.languages.find((tag) => tag.toLowerCase().split("-")[0] === language) ?? language;
}

export function count(number) {
  return new Intl.NumberFormat(locale()).format(number);
}

export function percent(probability) {
  return new Intl.NumberFormat(locale(), { style: "percent" }).format(probability);
}

/** An ISO 8601 date, or the date of a date-time as it was published; itself where it isn't one. */
export function day(published) {
  const date = new Date(`${published.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(date.valueOf())) return published;
  return new Intl.DateTimeFormat(locale(), { dateStyle: "long", timeZone: "UTC" }).format(date);
}
