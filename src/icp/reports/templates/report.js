"use strict";
// Tables sort by a press on their header and filter by words typed above them. Without script both stay plain tables.
(function () {
  function key(cell) {
    var raw = (cell && cell.dataset.sort) || (cell ? cell.textContent.trim() : "");
    var value = parseFloat(raw.replace(/[^0-9.-]/g, ""));
    return /^[-\d]/.test(raw) && !isNaN(value) ? [0, value, ""] : [1, 0, raw.toLowerCase()];
  }
  function compare(a, b) {
    return a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0);
  }
  document.querySelectorAll("table.sortable").forEach(function (table) {
    var heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", function () {
        var up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach(function (other) { other.setAttribute("aria-sort", "none"); });
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        var rows = Array.from(table.tBodies[0].rows);
        rows.sort(function (a, b) {
          return (up ? 1 : -1) * compare(key(a.cells[column]), key(b.cells[column]));
        });
        rows.forEach(function (row) { table.tBodies[0].appendChild(row); });
      });
    });
  });
  document.querySelectorAll(".filter").forEach(function (box) {
    var table = document.getElementById(box.dataset.table);
    var input = box.querySelector("input");
    var said = box.querySelector("output");
    var rows = Array.from(table.tBodies[0].rows);
    box.hidden = false;
    input.addEventListener("input", function () {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      var shown = 0;
      rows.forEach(function (row) {
        var text = row.textContent.toLowerCase();
        row.hidden = !words.every(function (word) { return text.includes(word); });
        shown += row.hidden ? 0 : 1;
      });
      said.textContent = words.length ? shown + " of " + rows.length : "";
    });
  });
})();
