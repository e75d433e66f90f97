/* The picture editor of the product form. Each step is the form's own answer, of which only the pictures are taken:
   without this file the same buttons reload the page. */
(() => {
  "use strict";
  const $ = (selector, from = document) => from.querySelector(selector);
  const box = () => $("[data-pictures]");

  // Send the form with one button pressed, or one file; put the pictures of the answer in place.
  const send = (form, change, onProgress) => new Promise((resolve) => {
    const data = new FormData(form);
    data.delete("files");
    change(data);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.responseType = "document";
    request.upload.onprogress = (event) => event.lengthComputable && onProgress?.(event.loaded / event.total);
    request.onloadend = () => {
      const fresh = request.response && $("[data-pictures]", request.response);
      if (fresh) box().replaceWith(document.adoptNode(fresh));
      else document.dispatchEvent(new CustomEvent("toast", { detail: { text: $("#toasts").dataset[request.status ? "failed" : "offline"], key: "network" } }));
      resolve(Boolean(fresh));
    };
    request.send(data);
  });

  const errorsOf = () => [...document.querySelectorAll("[data-pictures] > .field__error")];

  // One file after the other: no body gets too large, and what has arrived stays if the next one fails.
  let busy = false;
  const upload = async (form, files) => {
    if (busy) return;
    busy = true;
    const errors = [];
    const { most, tooLarge } = $("#id_files").dataset;
    for (const [index, file] of files.entries()) {
      if (file.size > Number(most)) {
        document.dispatchEvent(new CustomEvent("toast", { detail: { text: `${file.name}: ${tooLarge}` } }));
        continue;
      }
      const show = (part) => { const bar = $("progress", box()); bar.hidden = false; bar.value = (index + part) / files.length; };
      show(0);
      const arrived = await send(form, (data) => { data.append("files", file); data.append("picture_do", "add"); }, show);
      if (!arrived) break;
      errors.push(...errorsOf());
    }
    busy = false;
    errorsOf().forEach((one) => one.remove());
    $("p.meta", box()).after(...errors);
    say();
    ($("progress", box()) || {}).hidden = true;
    $("#id_files").focus();
  };

  const say = (place) => {
    const count = box().querySelectorAll("[data-picture]").length;
    $("[data-said]", box()).textContent = box().dataset.moved.replace("%s", place || count).replace("%s", count);
  };

  document.addEventListener("change", (event) => {
    if (event.target.id === "id_files" && event.target.files.length) upload(event.target.form, [...event.target.files]);
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-pictures] button[name=picture_do]");
    if (!button || busy) return;
    event.preventDefault();
    busy = true;
    await send(button.form, (data) => data.append("picture_do", button.value));
    busy = false;
    const [verb, number] = button.value.split(":");
    const place = Number(number) + ({ up: -1, down: 1 }[verb] || 0);
    const same = document.getElementById(`picture-${verb}-${place}`);
    const next = same && !same.disabled ? same : $(`#picture-${verb === "up" ? "down" : "up"}-${place}:enabled`) || $("#picture-add");
    next?.focus();
    say(verb === "up" || verb === "down" ? place + 1 : 0);
  });

  // Drag: rows into another order, files from the desktop into the box.
  let dragged;
  const rowOf = (event) => event.target.closest?.("[data-picture]");
  document.addEventListener("pointerdown", (event) => {
    const row = rowOf(event);
    if (row) row.draggable = event.pointerType === "mouse" && !event.target.closest("input, button, a");
  });
  document.addEventListener("dragstart", (event) => { dragged = rowOf(event); });
  document.addEventListener("dragover", (event) => {
    if (!event.target.closest?.("[data-pictures]")) return;
    const row = rowOf(event);
    if (!dragged && !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    if (!dragged || !row || row === dragged) return;
    const { top, height } = row.getBoundingClientRect();
    event.clientY < top + height / 2 ? row.before(dragged) : row.after(dragged);
  });
  document.addEventListener("drop", (event) => {
    if (!event.target.closest?.("[data-pictures]")) return;
    event.preventDefault();
    if (!dragged) upload(box().closest("form"), [...event.dataTransfer.files]);
  });
  document.addEventListener("dragend", () => {
    if (dragged) send(box().closest("form"), (data) => data.append("picture_do", "add"));
    dragged = null;
  });
})();
