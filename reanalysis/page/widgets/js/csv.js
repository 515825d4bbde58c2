// Rows as CSV (RFC 4180); what could not be computed is blank. A text that a spreadsheet would
// take for a formula is quoted with an apostrophe, as spreadsheets do it.
export function toCsv(rows) {
  const text = (x) => {
    if (x == null || Number.isNaN(x)) return "";
    if (typeof x === "string" && /^[=+\-@\t\r]/.test(x)) x = `'${x}`;
    const word = String(typeof x === "number" ? Number(x.toPrecision(12)) : x);
    return /[",\r\n]/.test(word) ? `"${word.replace(/"/g, '""')}"` : word;
  };
  return `${rows.map((row) => row.map(text).join(",")).join("\r\n")}\r\n`;
}
