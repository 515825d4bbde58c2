// Grading: whether an answer is right, and what to say of a wrong one. reanalysis/teach/grading.py
// does the same for JupyterLab, and a test runs both over the same answers.

const SLACK = 1e-9; // what binary adds to a difference of decimals
const NEAR = 3; // within so many tolerances an answer is called close
const NUMERAL = /^[-+]?(\d+\.?\d*|\.\d+)$/;

const grading = (right, said) => ({ right, said });

// A number as people write it: with a unit, a decimal comma or a typographic minus. Null if none.
export function parseNumber(text, unit) {
  let plain = String(text).replaceAll("\u2212", "-").replaceAll(",", ".").trim();
  if (unit && plain.endsWith(unit)) plain = plain.slice(0, -unit.length).trim();
  return NUMERAL.test(plain) ? Number(plain) : null;
}

const isNear = (value, right, tolerance) =>
  Math.abs(value - right) <= tolerance + SLACK * Math.max(1, Math.abs(right));

const hintFor = ({ hints }, tries) => hints[Math.min(tries, hints.length - 1)] ?? "";

function gradeNumber(question, answer, tries) {
  const { answer: right, tolerance, unit, decimals, mistakes, shown } = question;
  const value = parseNumber(answer, unit);
  if (value == null) return grading(false, "That is no number. Write digits, such as 12.5.");
  if (isNear(value, right, tolerance)) return grading(true, `Right: ${shown}.`);
  if (unit === "%" && isNear(100 * value, right, tolerance))
    return grading(false, "Right as a fraction of 1, but the question asks for percent.");
  const mistake = mistakes.find((m) => isNear(value, m.value, tolerance));
  if (mistake) return grading(false, mistake.hint);
  if (unit === "%" && decimals && Number.isInteger(value)) {
    const meant = { value: right, hint: `Rounded too far. Decimals that are asked for: ${decimals}.` };
    const off = (one) => Math.abs(value - one.value);
    const nearest = mistakes.reduce((best, one) => (off(one) < off(best) ? one : best), meant);
    if (off(nearest) < 1) return grading(false, nearest.hint); // rounded, or cut off
  }
  if (isNear(value, right, NEAR * tolerance))
    return grading(false, "Close. Look once more, or look at the rounding.");
  const side = value > right ? "Too high." : "Too low.";
  return grading(false, `${side} ${hintFor(question, tries)}`.trim());
}

function gradeChoice({ options }, answer) {
  const option = answer == null ? null : options[answer];
  if (!option) return grading(false, "Choose one of the answers.");
  return grading(option.right, `${option.right ? "Right" : "No"}. ${option.why}`);
}

function gradeSeveral({ options }, answer) {
  const chosen = new Set(answer);
  if (!chosen.size) return grading(false, "Choose all that hold.");
  const wrong = options.find((option, place) => chosen.has(place) && !option.right);
  if (wrong) return grading(false, `Not this one: ${wrong.text} ${wrong.why}`);
  const missing = options.filter((option, place) => option.right && !chosen.has(place)).length;
  if (missing) {
    const more = missing === 1 ? "one more holds" : `${missing} more hold`;
    return grading(false, `What you chose holds, and ${more}.`);
  }
  const reasons = options.filter((option) => option.right).map((option) => option.why);
  return grading(true, `Right: ${reasons.join(" ")}`);
}

function gradeOrder(question, answer, tries) {
  const wanted = question.items.map((_, place) => place);
  if (answer.length !== wanted.length || wanted.some((place) => !answer.includes(place)))
    return grading(false, "Put every item in its place once.");
  const first = wanted.find((place) => answer[place] !== place);
  if (first == null) return grading(true, "Right: this is the order.");
  const placed = first ? `The first ${first} ${first === 1 ? "is" : "are"} right.` : "The first is not right yet.";
  return grading(false, `${placed} ${hintFor(question, tries)}`.trim());
}

// `answer` by kind: a number or its text; the place of an option; those of several; the items'
// places in the right order, as the reader has put them; the place on the axis. `tries` are the
// wrong answers before this one: hints come one after the other.
export function grade(question, answer, tries = 0) {
  const { kind } = question;
  if (kind === "choice") return gradeChoice(question, answer);
  if (kind === "several") return gradeSeveral(question, answer);
  if (kind === "order") return gradeOrder(question, answer, tries);
  return gradeNumber(question, answer, tries);
}
