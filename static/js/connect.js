/* Connecting Facebook in a window of its own. Without it, or without that window, the forms work as they are. */
(() => {
  "use strict";
  const NAME = "stormcom-connect";
  const say = (word) => {
    const line = document.getElementById("connect-status");
    if (line) line.textContent = (word && line.dataset[word]) || "";
  };

  // On the page with the button.
  let popup, watch;
  const free = (form) => {
    delete form.dataset.sending;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  };
  const openWindow = () => {
    const [width, height] = [Math.min(640, screen.availWidth), Math.min(760, screen.availHeight)];
    const left = Math.max(0, screenX + (outerWidth - width) / 2);
    const top = Math.max(0, screenY + (outerHeight - height) / 2);
    return open("", NAME, `popup,width=${width},height=${height},left=${left},top=${top}`);
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // A phone shows one window at a time: there the whole way goes through this one.
    if (!form.matches("[data-connect]") || event.defaultPrevented || matchMedia("(pointer: coarse), (max-width: 700px)").matches) return;
    popup = openWindow();
    if (!popup || popup.closed) return; // Blocked by the browser: this window goes to Facebook instead.
    form.target = NAME;
    form.elements.display.value = "popup";
    popup.focus();
    say("open");
    clearInterval(watch);
    watch = setInterval(() => {
      if (!popup.closed) return;
      clearInterval(watch);
      free(form);
      if (document.getElementById("connect-status")?.textContent !== failedWords()) say("closed");
    }, 400);
    setTimeout(() => { form.removeAttribute("target"); form.elements.display.value = "page"; free(form); });
  });
  const failedWords = () => document.getElementById("connect-status")?.dataset.failed;
  addEventListener("message", (event) => {
    if (event.origin !== location.origin || event.source !== popup || !popup) return;
    if (event.data?.connect === "failed") say("failed");
    if (event.data?.connect !== "connected") return;
    clearInterval(watch);
    const target = new URL(event.data.address, location.origin);
    if (target.origin === location.origin) location.assign(target);
  });

  // On the page that Facebook leads back to.
  const result = document.querySelector("[data-connect-result]");
  const opener = window.opener;
  if (result && opener && !opener.closed) {
    const { connectResult: connect, address } = result.dataset;
    opener.postMessage({ connect, address }, location.origin);
    if (connect === "connected") close();
  } else if (result?.dataset.address) location.replace(result.dataset.address);
  document.addEventListener("click", (event) => event.target.closest("[data-close-window]") && close());
})();
