// What a page lets everybody read: called with nothing, gives sentences of what is wrong.
() => {
  const wrong = [];
  const short = (text) => text.trim().replace(/\s+/g, " ").slice(0, 60);
  const where = (element) => {
    const name = element.id ? `#${element.id}` : element.getAttribute("class") ? `.${element.getAttribute("class").split(" ")[0]}` : "";
    return `<${element.tagName.toLowerCase()}${name}>`;
  };
  const named = (element) => {
    const ids = (element.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean);
    const labels = ids.map((id) => (document.getElementById(id) || {}).textContent || "");
    return Boolean((element.getAttribute("aria-label") || "").trim() || labels.join("").trim());
  };

  // Names, headings, tables, language.
  if (!(document.documentElement.lang || "").trim()) wrong.push("the page does not say its language");
  if (!document.title.trim()) wrong.push("the page has no title");
  for (const image of document.querySelectorAll("img")) {
    if (image.closest("[aria-hidden=true]") || image.getAttribute("role") === "presentation") continue;
    if (!named(image) && !(image.getAttribute("alt") || "").trim()) wrong.push(`a picture ${where(image)} has no name`);
  }
  for (const svg of document.querySelectorAll("svg")) {
    if (svg.parentElement.closest("svg") || svg.closest("[aria-hidden=true]")) continue;
    const title = [...svg.children].find((child) => child.tagName === "title");
    const outer = svg.parentElement.closest("[role=img]");
    if (!named(svg) && !(outer && named(outer)) && !(title && title.textContent.trim())) wrong.push(`a drawing ${where(svg)} in ${where(svg.parentElement)} has no name`);
  }
  for (const table of document.querySelectorAll("table")) {
    const caption = table.caption && table.caption.textContent.trim();
    const name = caption || short(table.textContent);
    if (!caption) wrong.push(`a table has no caption: ${name}`);
    const headers = [...table.querySelectorAll("th")];
    if (!headers.length) wrong.push(`a table has no header cells: ${name}`);
    if (headers.some((header) => !header.getAttribute("scope"))) wrong.push(`header cells without a scope in the table: ${name}`);
  }
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) wrong.push(`a heading of level ${own} follows one of level ${level}: ${short(heading.textContent)}`);
    level = own;
  }
  const firsts = document.querySelectorAll("h1").length;
  if (firsts !== 1) wrong.push(`the page has ${firsts} headings of level 1`);

  // Nothing reaches beyond the window's right edge. What scrolls by itself is fine, even to the reader without a mouse.
  const root = document.scrollingElement;
  if (root.scrollWidth > root.clientWidth) {
    const scrolls = (element) => element && (["auto", "scroll"].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    const beyond = [...document.body.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1 && !scrolls(element.parentElement));
    wrong.push(`the page is ${root.scrollWidth} px wide in a window of ${root.clientWidth} px, because of ${beyond.slice(0, 3).map(where).join(", ") || "something that is not seen"}`);
  }

  // Contrast, as WCAG counts it.
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const colour = (text) => {
    if (!known.has(text)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = text;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      known.set(text, [r, g, b, a / 255]);
    }
    return known.get(text);
  };
  const over = (top, under) => {
    const alpha = top[3] + under[3] * (1 - top[3]);
    if (!alpha) return [0, 0, 0, 0];
    const mix = (i) => (top[i] * top[3] + under[i] * under[3] * (1 - top[3])) / alpha;
    return [mix(0), mix(1), mix(2), alpha];
  };
  const luminance = (c) => {
    const part = c.slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
  };
  const contrast = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };
  const sample = document.body.appendChild(document.createElement("div"));
  sample.style.backgroundColor = "Canvas";
  const paper = colour(getComputedStyle(sample).backgroundColor);
  sample.remove();

  const faded = (c, opacity) => [c[0], c[1], c[2], c[3] * opacity];
  const opacityOf = (element) => (element ? Number(getComputedStyle(element).opacity) * opacityOf(element.parentElement) : 1);
  // The shapes of a drawing, in the order in which they are painted.
  const shapes = new Map();
  const shapesOf = (svg) => {
    if (!shapes.has(svg)) shapes.set(svg, [...svg.querySelectorAll("rect, path, circle, ellipse, polygon")].filter((s) => getComputedStyle(s).fill !== "none" && !s.closest("defs, clipPath, mask, pattern")));
    return shapes.get(svg);
  };
  const shapeColour = (shape, x, y) => {
    const box = shape.getBoundingClientRect();
    if (x < box.left || x > box.right || y < box.top || y > box.bottom) return null;
    const matrix = shape.getScreenCTM();
    if (!matrix || !shape.isPointInFill(new DOMPoint(x, y).matrixTransform(matrix.inverse()))) return null;
    const style = getComputedStyle(shape);
    return faded(colour(style.fill), Number(style.fillOpacity) * opacityOf(shape));
  };
  const backgroundAt = (element, x, y) => {
    const layers = [];
    const svg = element.ownerSVGElement;
    if (svg) {
      const before = shapesOf(svg).filter((s) => s.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING);
      layers.push(...before.reverse().map((s) => shapeColour(s, x, y)).filter(Boolean));
    }
    for (let at = svg || element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== "none") return null;
      layers.push(faded(colour(style.backgroundColor), opacityOf(at)));
    }
    return [...layers, paper].reduce((top, under) => over(top, under), [0, 0, 0, 0]);
  };

  let texts = 0;
  const told = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.textContent.trim() || element.closest("script, style, noscript, template, title, desc")) continue;
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    const around = element.getBoundingClientRect();
    if (Math.min(box.width, around.width) <= 1 || Math.min(box.height, around.height) <= 1) continue; // for listeners only
    texts += 1;
    const style = getComputedStyle(element);
    const inDrawing = Boolean(element.ownerSVGElement);
    const ink = faded(colour(inDrawing ? style.fill : style.color), (inDrawing ? Number(style.fillOpacity) : 1) * opacityOf(element));
    for (const share of inDrawing ? [0.05, 0.5, 0.95] : [0.5]) {
      const ground = backgroundAt(element, box.left + box.width * share, box.top + box.height / 2);
      const found = ground && contrast(over(ink, ground), ground);
      if (found !== null && found >= 4.5) continue;
      const told_as = ground ? `contrast ${found.toFixed(2)} in ${where(element)}` : `text over a picture in ${where(element)}: its contrast cannot be told`;
      if (!told.has(told_as)) wrong.push(`${told_as}: ${short(node.textContent)}`);
      told.add(told_as);
    }
  }
  return { wrong, texts };
}
