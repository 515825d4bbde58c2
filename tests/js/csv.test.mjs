import assert from "node:assert/strict";
import { test } from "node:test";

import { toCsv } from "../../reanalysis/page/widgets/js/csv.js";

test("what a spreadsheet takes for a formula is quoted with an apostrophe", () => {
  for (const formula of ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1"])
    assert.equal(toCsv([[formula]]), `'${formula}\r\n`);
  assert.equal(toCsv([['=HYPERLINK("x","y")']]), `"'=HYPERLINK(""x"",""y"")"\r\n`);
  assert.equal(toCsv([["\r=1"]]), `"'\r=1"\r\n`);
});

test("numbers are numbers, negative ones too", () => {
  assert.equal(toCsv([[-1.5, -3, 2, 0, 0.1 + 0.2, 1e-7]]), "-1.5,-3,2,0,0.3,1e-7\r\n");
});

test("what could not be computed is blank", () => {
  assert.equal(toCsv([[NaN, null, undefined, ""]]), ",,,\r\n");
});

test("commas, quotes and line ends are within quotes", () => {
  assert.equal(toCsv([["a,b", 'c"d', "e\nf", "g"]]), `"a,b","c""d","e\nf",g\r\n`);
});

test("a row is a line", () => {
  assert.equal(toCsv([["a", 1], ["b", 2]]), "a,1\r\nb,2\r\n");
});
