// Text into the document, always as text; and offsets in code points, as the service counts them.

/** An element with properties, attributes (hyphenated, or in `ATTRIBUTES`), listeners (`onclick`) and children.
 *  Strings become text nodes: nothing that is said by an article is ever read as HTML. Null children are left out. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (key in made && !key.includes("-")) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** A link to a web address, or plain text: "javascript:" and its like lead nowhere. */
export function link(address, words) {
  let parsed = null;
  try {
    parsed = new URL(address);
  } catch {
    return element("span", {}, words);
  }
  if (!["http:", "https:"].includes(parsed.protocol)) return element("span", {}, words);
  return element("a", { href: parsed.href, target: "_blank", rel: "noopener noreferrer" }, words);
}

/** The UTF-16 indices of ascending code point offsets; those beyond the end are its length. */
export function utf16(text, offsets) {
  const found = [];
  let at = 0;
  let points = 0;
  for (const offset of offsets) {
    while (points < offset && at < text.length) {
      at += text.codePointAt(at) > 0xffff ? 2 : 1;
      points += 1;
    }
    found.push(at);
  }
  return found;
}
