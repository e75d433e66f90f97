/* Behaviour of every page. Loaded in the head without defer, so that the theme is set before the first paint. */
(() => {
  "use strict";
  const root = document.documentElement;
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const store = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { value ? localStorage.setItem(key, value) : localStorage.removeItem(key); } catch { /* Private mode. */ } },
  };
  const on = (type, selector, handler) =>
    document.addEventListener(type, (event) => {
      const found = event.target.closest?.(selector);
      if (found) handler(found, event);
    });

  // Theme: "light", "dark" or "" for the system's.
  const showTheme = (theme) => {
    theme ? (root.dataset.theme = theme) : delete root.dataset.theme;
    $$("[data-theme-choice]").forEach((button) =>
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === (theme || ""))));
  };
  showTheme(store.get("theme"));
  on("click", "[data-theme-choice]", (button) => {
    store.set("theme", button.dataset.themeChoice);
    showTheme(button.dataset.themeChoice);
  });
  addEventListener("storage", (event) => event.key === "theme" && showTheme(event.newValue));

  // Toasts. The words live in the page (#toasts data-…), so that they are translated.
  const words = (name) => $("#toasts")?.dataset[name] || "";
  const lifeOf = (toast) => {
    if (toast.dataset.stay !== undefined) return;
    let timer;
    const start = () => { timer = setTimeout(() => toast.remove(), 7000); };
    toast.addEventListener("pointerenter", () => clearTimeout(timer));
    toast.addEventListener("focusin", () => clearTimeout(timer));
    toast.addEventListener("pointerleave", start);
    start();
  };
  const toast = (text, { key = text, action, run } = {}) => {
    const shelf = $("#toasts");
    if (!shelf) return;
    $$(".toast", shelf).filter((other) => other.dataset.key === key).forEach((other) => other.remove());
    const item = $("#toast-template").content.firstElementChild.cloneNode(true);
    item.dataset.key = key;
    $("span", item).textContent = text;
    const button = $("[data-toast-action]", item);
    if (run) {
      item.dataset.stay = "";
      button.hidden = false;
      button.textContent = action;
      button.addEventListener("click", () => { item.remove(); run(); });
    } else button.remove();
    shelf.append(item);
    lifeOf(item);
  };
  on("click", "[data-close-toast]", (button) => button.closest(".toast").remove());
  document.addEventListener("toast", (event) => toast(event.detail.text ?? event.detail.value, event.detail));

  // Dialogs: data-dialog="id" opens, data-close closes, a click on the veil closes.
  const openDialog = (id) => { const dialog = document.getElementById(id); if (dialog && !dialog.open) dialog.showModal(); };
  on("click", "[data-dialog]", (opener, event) => { event.preventDefault(); openDialog(opener.dataset.dialog); });
  on("click", "[data-close]", (button, event) => {
    const dialog = button.closest("dialog");
    if (!dialog?.open) return;
    event.preventDefault();
    dialog.close();
  });
  document.addEventListener("click", (event) => event.target.matches("dialog[open]") && event.target.close());

  // Questions before dangerous things: hx-confirm, and data-confirm on a form or its button.
  // The dialog is headed by the deed, and its button says it again: the words of data-confirm-label, or of the button pressed.
  const ask = (question, asked, button, run) => {
    const dialog = $("#confirm");
    $("[data-question]", dialog).textContent = question;
    const deed = asked.dataset.confirmLabel || button.textContent.trim();
    $$("h2, [value=yes]", dialog).forEach((one) => { one.textContent = deed; });
    dialog.returnValue = "";
    dialog.onclose = () => dialog.returnValue === "yes" && run();
    dialog.showModal();
  };
  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question, event.detail.elt, event.detail.elt, () => event.detail.issueRequest(true));
  });

  // Forms: one question, one sending, and the button shows that it works.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    const asked = button?.dataset.confirm ? button : form;
    if (asked.dataset.confirm && !form.dataset.sure) {
      event.preventDefault();
      event.stopPropagation();
      ask(asked.dataset.confirm, asked, button, () => { form.dataset.sure = "1"; form.requestSubmit(button); });
      return;
    }
    delete form.dataset.sure;
    if (form.matches("[data-sign-out]")) Object.keys(localStorage).filter((key) => key.startsWith("draft:")).forEach((key) => store.set(key));
    if (form.method !== "post" || event.defaultPrevented || form.matches("[hx-post]")) return;
    if (form.dataset.sending) return event.preventDefault();
    form.dataset.sending = "1";
    button?.setAttribute("aria-busy", "true");
    $$("textarea[data-draft]", form).forEach((area) => store.set(draftKey(area) + ":sent", "1"));
    setTimeout(() => release(form), 10000);
  }, true);
  const release = (form) => { delete form.dataset.sending; $$("[aria-busy]", form).forEach((button) => button.removeAttribute("aria-busy")); };
  addEventListener("pageshow", (event) => event.persisted && $$("form[data-sending]").forEach(release));

  // Drafts: what is typed into textarea[data-draft="key"] survives a closed tab.
  const draftKey = (area) => "draft:" + (area.dataset.draft || location.pathname + "#" + area.name);
  const restoreDrafts = (from) => $$("textarea[data-draft]", from).forEach((area) => {
    const key = draftKey(area);
    if (store.get(key + ":sent")) { store.set(key + ":sent"); if (!area.value) store.set(key); }
    else if (!area.value) area.value = store.get(key) || "";
  });
  let saving;
  on("input", "textarea[data-draft]", (area) => { clearTimeout(saving); saving = setTimeout(() => store.set(draftKey(area), area.value), 300); });
  on("keydown", "textarea[data-send]", (area, event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); area.form.requestSubmit(); }
  });

  // Copying.
  on("click", "[data-copy]", async (button) => {
    const wanted = button.dataset.copy;
    const text = wanted.startsWith("#") ? $(wanted).textContent.trim() : wanted;
    try { await navigator.clipboard.writeText(text); toast(words("copied"), { key: "copy" }); }
    catch { toast(words("notCopied"), { key: "copy" }); }
  });

  // Files: data-most is the most bytes of one; a larger one is named before it is sent.
  on("change", "input[type=file][data-most]", (input) => {
    const isTooLarge = [...input.files].some((file) => file.size > Number(input.dataset.most));
    input.setCustomValidity(isTooLarge ? input.dataset.tooLarge : "");
    if (isTooLarge) input.reportValidity();
  });

  // Parts of a form that one answer asks for: data-only-if="name=value" hides them while another is chosen.
  const showAsked = () => $$("[data-only-if]").forEach((part) => {
    const [name, value] = part.dataset.onlyIf.split("=");
    part.hidden = !$(`[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]:checked`);
  });
  on("change", "[type=radio]", showAsked);

  // Choosing rows: data-select-all names the boxes; the bar with data-bulk shows while any is chosen.
  on("change", "[data-select-all], input[type=checkbox][name]", (box) => {
    const all = box.matches("[data-select-all]") ? box : $(`[data-select-all="${CSS.escape(box.name)}"]`);
    if (!all) return;
    const boxes = $$(`input[type=checkbox][name="${CSS.escape(all.dataset.selectAll)}"]`);
    if (box === all) boxes.forEach((one) => { one.checked = all.checked; });
    const count = boxes.filter((one) => one.checked).length;
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
    $$(`[data-bulk="${CSS.escape(all.dataset.selectAll)}"]`).forEach((bar) => { bar.hidden = !count; const slot = $("[data-count]", bar); if (slot) slot.textContent = count; });
    const way = $(`[data-to-bulk="${CSS.escape(all.dataset.selectAll)}"]`);
    if (!way) return;
    way.hidden = !count;
    box.after(way); // the next stop of who goes by keyboard
  });
  on("click", "[data-to-bulk]", (way) => $("input, button", $(`[data-bulk="${CSS.escape(way.dataset.toBulk)}"]`)).focus());

  // Menus sit under their button where the browser cannot do so by itself.
  if (!CSS.supports("position-area", "block-end")) document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (event.newState !== "open" || !menu.matches(".menu[popover]")) return;
    const button = $$(`[popovertarget="${menu.id}"]`).find((one) => one.offsetParent);
    const box = button.getBoundingClientRect();
    const left = box.left + menu.offsetWidth > innerWidth ? box.right - menu.offsetWidth : box.left;
    const top = box.bottom + menu.offsetHeight > innerHeight ? box.top - menu.offsetHeight - 8 : box.bottom;
    Object.assign(menu.style, { position: "fixed", left: Math.max(8, left) + "px", top: Math.max(8, top) + "px" });
  }, true);

  // Keys: "/" searches, "?" lists the keys, "g" and a letter go to a place of the rail.
  let going = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    const press = { "/": $("input[type=search]"), "?": $("#shortcuts"), g: root }[event.key];
    if (going) {
      going = false;
      const link = $(`[data-key="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); link.click(); return; }
    }
    if (!press) return;
    if (event.key === "g") { going = true; setTimeout(() => { going = false; }, 1500); return; }
    event.preventDefault();
    press.matches("dialog") ? openDialog(press.id) : press.select();
  });

  // htmx: the focus follows what a person did, and no failure is silent.
  const CONTROLS = "a, button, summary, input, select, textarea";
  const focusOn = (one) => {
    if (!one) return;
    if (!one.matches(CONTROLS)) one.tabIndex = -1;
    one.focus();
  };
  const focusHeading = (from) => focusOn($("[data-focus], h1, h2, h3", from));
  const findError = (from) => $("[aria-invalid=true]", from) || $("form [role=alert]", from);

  // What comes by the clock takes nobody's place away, and a new heading of it is said.
  const nameOf = (one) => one.tagName + (one.getAttribute("aria-label") || one.name || one.textContent);
  const headOf = (part) => $("h2, h3, strong", part)?.textContent.trim();
  const isByClock = ({ requestConfig }) => !requestConfig?.triggeringEvent?.isTrusted;
  let held, head;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { target } = detail, at = document.activeElement;
    if (!isByClock(detail) || !target) return;
    head = headOf(target);
    held = target.contains(at) && at !== target && { name: nameOf(at), place: $$(CONTROLS, target).filter((one) => nameOf(one) === nameOf(at)).indexOf(at) };
  });
  const keepPlace = (part) => {
    if (held && document.activeElement === document.body) {
      const same = $$(CONTROLS, part).filter((one) => nameOf(one) === held.name);
      const again = same[held.place] || same.at(-1);
      again ? again.focus({ preventScroll: true }) : focusHeading(part);
    }
    held = null;
    const now = headOf(part);
    if (now && now !== head && !part.matches("[data-poll]")) $("#said").textContent = now;
  };
  document.addEventListener("htmx:afterSettle", (event) => {
    const { target, requestConfig } = event.detail;
    const place = document.getElementById(target?.id) || target;
    if (!place) return;
    restoreDrafts(place);
    showTheme(store.get("theme"));
    const wrong = requestConfig?.verb !== "get" && findError(place);
    if (wrong) focusOn(wrong);
    else if (isByClock(event.detail)) keepPlace(place);
    else if (document.activeElement === document.body) focusHeading(place);
  });
  document.addEventListener("htmx:pushedIntoHistory", () => { const main = $("#main"); if (main && document.activeElement === document.body) focusHeading(main); });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const signIn = words("signIn");
    if (!signIn || !new URL(event.detail.xhr.responseURL, location).pathname.startsWith(signIn)) return;
    event.detail.shouldSwap = false;
    location.assign(signIn + "?next=" + encodeURIComponent(location.pathname + location.search));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful || event.detail.requestConfig.verb === "get") return;
    clearTimeout(saving); // what was just sent is no draft
    $$("textarea[data-draft]", event.detail.elt).forEach((area) => store.set(draftKey(area)));
  });

  // Live parts: the store's stream says what changed, and the parts ask for it. While it is away they ask by the clock.
  // Only a tab that is looked at keeps a stream: browsers grant a host six connections.
  const SILENCE = 40000, HIDDEN = 300000;
  const newest = {};
  const others = window.BroadcastChannel && new BroadcastChannel("live");
  let stream, heard = 0, lastId, wait = 5000, later, missed = false;
  const isLive = () => stream?.readyState === 1 && Date.now() - heard < SILENCE;
  const isBehind = (part) => newest[part.dataset.poll] > Number(part.dataset.revision);
  const askAll = () => $$("[data-poll]").forEach((part) => htmx.trigger(part, "news"));
  const closeStream = () => { clearTimeout(later); stream?.close(); stream = null; };
  const openStream = () => {
    const address = document.body.dataset.live;
    if (!address || !window.EventSource || document.hidden) return;
    closeStream();
    stream = new EventSource(lastId ? address.split("?")[0] + "?after=" + lastId : address);
    const hear = (event) => { heard = Date.now(); lastId = event.lastEventId; };
    stream.onopen = () => { heard = Date.now(); wait = 5000; others?.postMessage("here"); };
    stream.onerror = (event) => {
      if (event.target !== stream || stream.readyState !== 2) return; // it comes again by itself
      later = setTimeout(openStream, wait);
      wait = Math.min(wait * 2, 300000);
    };
    stream.addEventListener("beat", hear);
    stream.addEventListener("news", (event) => {
      hear(event);
      const { conversations = {}, rail, all } = JSON.parse(event.data);
      Object.assign(newest, conversations);
      if (rail) showRail(rail);
      if (all) askAll();
      else $$("[data-poll]").forEach((part) => {
        const own = $("[data-revision]")?.dataset.poll;
        const changed = part.dataset.poll ? isBehind(part) : Object.keys(conversations).some((uuid) => uuid !== own);
        if (changed) htmx.trigger(part, "news");
      });
    });
  };
  const showRail = (rail) => $$("[data-rail]").forEach((mark) => {
    const value = rail[mark.dataset.rail];
    if (mark.dataset.when) mark.hidden = mark.dataset.when !== value;
    else { mark.textContent = value; mark.hidden = !value; }
  });
  others?.addEventListener("message", () => document.hidden && closeStream());
  document.addEventListener("visibilitychange", () => {
    clearTimeout(later);
    if (document.hidden) { later = setTimeout(closeStream, HIDDEN); return; }
    if (!isLive()) openStream();
    if (missed) askAll();
    missed = false;
  });
  addEventListener("pagehide", closeStream);
  addEventListener("pageshow", (event) => event.persisted && openStream());
  setInterval(() => { if (stream?.readyState === 1 && !isLive()) openStream(); }, 10000);
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, requestConfig } = event.detail;
    if (!elt.matches("[data-poll]")) return;
    if (document.hidden) missed = true;
    if (document.hidden || (isLive() && !requestConfig.triggeringEvent)) event.preventDefault();
  });
  // What changed while an answer was on its way is asked for by the part that came with it.
  document.addEventListener("htmx:afterSettle", () => $$("[data-revision]").filter(isBehind).forEach((part) => htmx.trigger(part, "news")));

  const failed = (event) => {
    const { elt, requestConfig, xhr } = event.detail;
    const status = xhr?.status || 0;
    const name = { 0: "offline", 403: "forbidden", 404: "gone", 429: "tooMany" }[status] || "failed";
    const trigger = requestConfig.triggeringEvent?.type;
    const again = () => elt.isConnected && (elt.matches("form") ? elt.requestSubmit() : htmx.trigger(elt, trigger || "load"));
    toast(words(name), { key: "network", action: words("again"), run: [403, 404].includes(status) ? null : again });
  };
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach((type) => document.addEventListener(type, failed));

  document.addEventListener("DOMContentLoaded", () => {
    showTheme(store.get("theme"));
    restoreDrafts(document);
    showAsked();
    $$(".tabs [aria-current]").forEach((tab) => tab.scrollIntoView({ block: "nearest", inline: "center" }));
    $$(".toast").forEach(lifeOf);
    openStream();
    focusOn(findError($("main") || document));
    new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach((node) => node.matches?.(".toast") && !node.dataset.key && lifeOf(node))))
      .observe($("#toasts") || root, { childList: true });
  });
})();
