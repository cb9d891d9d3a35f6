"use strict";
// Tables sort by a press on their header and filter by words typed above them. Without script both stay plain tables.
(function () {
  var NUMBER = /^-?[\d,]*\.?\d+\s*%?$/;
  function key(cell) {
    var raw = (cell && cell.dataset.sort) || (cell ? cell.textContent.trim() : "");
    if (NUMBER.test(raw)) { return [0, parseFloat(raw.replace(/[^0-9.-]/g, "")), ""]; }
    return [raw === "–" ? 2 : 1, 0, raw.toLowerCase()];
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
      head.setAttribute("aria-sort", head.dataset.sorted || "none");
      button.addEventListener("click", function () {
        var up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach(function (other) { other.setAttribute("aria-sort", "none"); });
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        var rows = Array.from(table.tBodies[0].rows).map(function (row) { return [key(row.cells[column]), row]; });
        rows.sort(function (a, b) { return (up ? 1 : -1) * compare(a[0], b[0]); });
        rows.forEach(function (pair) { table.tBodies[0].appendChild(pair[1]); });
      });
    });
  });
  document.querySelectorAll(".filter").forEach(function (box) {
    var table = document.getElementById(box.dataset.table);
    var input = box.querySelector("input");
    var choices = Array.from(box.querySelectorAll("select"));
    var said = box.querySelector("output");
    function plain(text) { return text.replace(/\s+/g, " ").trim(); }
    var rows = Array.from(table.tBodies[0].rows).map(function (row) {
      return [row, plain(row.textContent).toLowerCase()];
    });
    function show() {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      var shown = 0;
      rows.forEach(function (pair) {
        pair[0].hidden = !words.every(function (word) { return pair[1].includes(word); }) ||
          !choices.every(function (one) {
            return !one.value || plain(pair[0].cells[one.dataset.column].textContent) === plain(one.value);
          });
        shown += pair[0].hidden ? 0 : 1;
      });
      said.textContent = shown + " of " + rows.length;
    }
    box.hidden = false;
    [input].concat(choices).forEach(function (one) { one.addEventListener("input", show); });
    said.textContent = rows.length + " of " + rows.length;
  });
})();
