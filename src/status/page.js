// SPDX-License-Identifier: Apache-2.0
// Each second the page is asked for again, and what is another than here is taken over, node by node: so the server alone
// knows how things look, and what a reader has opened, focused or marked stays.
"use strict";
(() => {
  function take(here, there) {
    if (here.nodeType !== there.nodeType || here.nodeName !== there.nodeName) {
      here.replaceWith(document.importNode(there, true));
      return;
    }
    if (here.nodeType === Node.TEXT_NODE) {
      if (here.data !== there.data)
        here.data = there.data;
      return;
    }
    if (here.nodeType !== Node.ELEMENT_NODE)
      return;
    for (const {name} of [...here.attributes])
      if (!there.hasAttribute(name) && name !== "open")
        here.removeAttribute(name);
    for (const {name, value} of there.attributes)
      if (here.getAttribute(name) !== value && name !== "open")
        here.setAttribute(name, value);
    const old = [...here.childNodes], now = [...there.childNodes];
    now.forEach((node, i) => i < old.length ? take(old[i], node) : here.append(document.importNode(node, true)));
    old.slice(now.length).forEach(node => node.remove());
  }
  const lost = document.getElementById("lost");
  async function look() {
    try {
      const answer = await fetch("/", {cache: "no-store", signal: AbortSignal.timeout(5000)});
      if (!answer.ok)
        throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.title = page.title;
      take(document.getElementById("live"), page.getElementById("live"));
      lost.hidden = true;
    } catch {
      lost.hidden = false;
    }
    setTimeout(look, document.hidden ? 5000 : 1000);
  }
  setTimeout(look, 1000);
})();
