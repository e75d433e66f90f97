// Fetch the thread again every other second while the page is in view; without this script a reload does it.
const shown = () => document.getElementById("thread");
const toEnd = () => { const thread = shown(); thread.scrollTop = thread.scrollHeight; };

async function poll() {
  if (document.hidden || shown().querySelector("details[open]")) return; // nothing changes under a hand
  try {
    const answer = await fetch(shown().dataset.poll);
    if (!answer.ok) return;
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    const fresh = template.content.firstElementChild;
    if (fresh.innerHTML !== shown().innerHTML) {
      shown().replaceWith(fresh);
      toEnd();
    }
  } catch {
    // The sandbox is restarting: the next round asks again.
  }
}

toEnd();
setInterval(poll, 1500);
