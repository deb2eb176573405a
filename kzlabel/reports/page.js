"use strict";
// Filters and sorts the list of assets. The page says everything without this.
(() => {
  const tools = document.getElementById("tools");
  if (!tools) return;
  const list = document.getElementById("assets");
  const status = document.getElementById("shown");
  const unfold = document.getElementById("unfold");
  const rows = [...list.children];
  const names = new Map(rows.map((row) => [row, row.querySelector("h3").textContent]));
  const places = new Map(rows.map((row, place) => [row, place]));
  const selects = [...tools.querySelectorAll("select")];
  const sorters = [...tools.querySelectorAll("[data-sort]")];
  const texts = tools.dataset;
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  let order = "";

  const filled = (template, values) =>
    template.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));

  function tell(shown) {
    const count = filled(texts.shown, { shown, all: rows.length });
    status.textContent = order ? `${count}; ${order}` : count;
  }

  function filter() {
    const wanted = tools.elements.search.value.trim().toLowerCase();
    const asked = selects.filter((select) => select.value);
    let shown = 0;
    for (const row of rows) {
      const fits =
        asked.every((select) => row.dataset[select.name] === select.value) &&
        names.get(row).toLowerCase().includes(wanted);
      row.hidden = !fits;
      shown += fits;
    }
    tell(shown);
  }

  // What has no value on the axis (it could not be looked at) comes last either way.
  function compared(key, values, sign) {
    const rank = (row) => values.indexOf(row.dataset[key] ?? "");
    return {
      order: (one, other) => sign * (places.get(one) - places.get(other)),
      name: (one, other) => sign * collator.compare(names.get(one), names.get(other)),
    }[key] ?? ((one, other) => {
      const [left, right] = [rank(one), rank(other)];
      if (left < 0 || right < 0) return (left < 0) - (right < 0);
      return sign * (left - right) || places.get(one) - places.get(other);
    });
  }

  function sort(button) {
    const again = button.getAttribute("aria-pressed") === "true";
    const down = again && button.dataset.direction === "ascending";
    const direction = down ? "descending" : "ascending";
    for (const one of sorters) {
      one.setAttribute("aria-pressed", String(one === button));
      delete one.dataset.direction;
    }
    button.dataset.direction = direction;
    const values = button.dataset.values.split(" ");
    list.append(...[...rows].sort(compared(button.dataset.sort, values, down ? -1 : 1)));
    order = filled(texts[direction], { by: button.textContent });
    filter();
  }

  function open(all) {
    for (const one of list.querySelectorAll("details")) one.open = all;
    unfold.textContent = all ? texts.close : texts.open;
  }

  // A larger thumbnail beside open details. By a class, as :has() makes sorting 10,000 rows slow.
  const unfolded = ({ target }) => target.closest("li").classList.toggle("open", target.open);

  list.addEventListener("toggle", unfolded, true);
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.addEventListener("input", filter);
  tools.addEventListener("reset", () => setTimeout(filter));
  for (const button of sorters) button.addEventListener("click", () => sort(button));
  unfold.addEventListener("click", () => open(unfold.textContent === texts.open));
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...list.querySelectorAll("li:not([hidden]) details:not([open])")];
    for (const one of folded) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of folded) one.open = false;
  });

  tools.hidden = false;
  filter();
})();
