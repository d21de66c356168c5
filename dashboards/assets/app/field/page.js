// Elements and words.
//
// Text goes in as text, never as markup, so nothing that was typed or sent can become part of the page.

// Makes an element: attributes, `on…` listeners, and children (texts, elements, arrays; null and false are left out).
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else made.setAttribute(key, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

// Makes an icon of the page's sprite.
export function icon(name, colour) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  if (colour) svg.setAttribute("color", colour);
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

// The words in the language chosen; `{name}` stands for a value.
export class Words {
  constructor(all, lang) {
    this.all = all;
    this.choose(lang);
  }

  choose(lang) {
    this.lang = this.all[lang] ? lang : "vi";
    document.documentElement.lang = this.lang;
  }

  has(key) {
    return key in this.all[this.lang];
  }

  get(key, values = {}) {
    const text = this.all[this.lang][key];
    if (text === undefined) throw new Error(`no words for ${key}`);
    return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }

  whole(number) {
    return new Intl.NumberFormat(this.lang, { maximumFractionDigits: 0 }).format(number);
  }

  kilograms(mass_g) {
    const format = new Intl.NumberFormat(this.lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    return `${format.format(Math.floor(mass_g / 10) / 100)}\u00a0kg`;
  }

  time(at_ms, zone) {
    return new Intl.DateTimeFormat(this.lang, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: zone }).format(at_ms);
  }

  date(at_ms, zone) {
    return new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "2-digit", year: "numeric", timeZone: zone }).format(at_ms);
  }

  day(text) {
    const [year, month, day] = text.split("-");
    return `${day}/${month}/${year}`;
  }
}
