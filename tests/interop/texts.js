// SPDX-License-Identifier: Apache-2.0
// An expression for Page.texts() of browser.py: a list of what is wrong with the places of the texts that are seen.
// Two texts overlap where their lines share more than 2 pixels each way, a fifth of a line's height at its edges left
// out, as lines that are set close share that. A text is cut off where a box that hides what stands out of it ends before
// it; a text that a reader of screens alone gets (a box of a pixel) is left out.
(() => {
  const lines = [], found = [];
  const hides = style => [style.overflowX, style.overflowY].some(one => one === "hidden" || one === "clip");
  const scrolls = style => [style.overflowX, style.overflowY].some(one => one === "auto" || one === "scroll");
  const short = text => JSON.stringify(text.trim().replace(/\s+/g, " ").slice(0, 40));
  const at = box => `at ${Math.round(box.left)},${Math.round(box.top)}`;

  // The boxes around an element that cut what stands out of them, up to the page; null: the element is not to be seen.
  function cutters(element) {
    const boxes = [];
    for (let e = element; e && e !== document.body && e !== document.documentElement; e = e.parentElement) {
      const style = getComputedStyle(e), box = e.getBoundingClientRect();
      const cuts = e.tagName === "svg" || !(e instanceof SVGElement) && style.display !== "inline";
      if (hides(style) && (box.width <= 1 || box.height <= 1) || style.clipPath === "inset(50%)")
        return null;
      if (cuts && (hides(style) || scrolls(style)))
        boxes.push({box, scrolls: scrolls(style)});
    }
    return boxes;
  }

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility({opacityProperty: true, visibilityProperty: true}))
      continue;
    const around = cutters(element);
    if (!around)
      continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) {
      let box = {left: rect.left, right: rect.right, top: rect.top + rect.height / 5, bottom: rect.bottom - rect.height / 5};
      if (rect.width < 1 || rect.height < 1)
        continue;
      for (const one of around) {
        const cut = {left: Math.max(box.left, one.box.left), right: Math.min(box.right, one.box.right),
                     top: Math.max(box.top, one.box.top), bottom: Math.min(box.bottom, one.box.bottom)};
        const lost = Math.max(cut.left - box.left, box.right - cut.right, cut.top - box.top, box.bottom - cut.bottom);
        if (lost > 2 && !one.scrolls)
          found.push(`${short(node.data)} is cut off ${at(rect)}`);
        box = cut;
      }
      if (box.right - box.left > 1 && box.bottom - box.top > 1)
        lines.push({box, node, rect});
    }
  }

  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth + 1)
    found.push(`the page is ${wide} pixels wide, in a window of ${innerWidth}`);
  for (const {box, node, rect} of lines)
    if (box.left + scrollX < -1 || box.top + scrollY < -1 || box.right + scrollX > Math.max(wide, innerWidth) + 1)
      found.push(`${short(node.data)} stands out of the page ${at(rect)}`);

  lines.sort((a, b) => a.box.top - b.box.top);
  for (let i = 0; i < lines.length; i++)
    for (let j = i + 1; j < lines.length && lines[j].box.top < lines[i].box.bottom; j++) {
      const a = lines[i].box, b = lines[j].box;
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 2 && down > 2 && lines[i].node !== lines[j].node)
        found.push(`${short(lines[i].node.data)} overlaps ${short(lines[j].node.data)} ${at(lines[j].rect)}`);
    }
  return [...new Set(found)];
})()
