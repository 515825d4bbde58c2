// What a resident hands in, as a short code that can be called out: the number of the cohort and five
// estimates in whole digits, with a check at the end. A line with commas is read as well.

const SCALES = [1, 10, 10, 100, 100, 100]; // number, two rates in percent, ratio and its limits
const MODULUS = 97;

const checkOf = (digits) => digits.reduce((sum, value, place) => (sum * 31 + value + place) % MODULUS, 7);
const two = (value) => String(value).padStart(2, "0");

export function toCode(values) {
  const digits = values.map((value, place) => Math.round(value * SCALES[place]));
  return [...digits, two(checkOf(digits))].join("-");
}

// The values of a code, or null if a digit is wrong.
export function fromCode(line) {
  const text = line.trim();
  if (text.includes(",")) {
    const given = text.split(",").map(Number);
    return given.length === SCALES.length && given.every(Number.isFinite) ? given : null;
  }
  if (!/^\d+(-\d+){6}$/.test(text)) return null;
  const digits = text.split("-").map(Number);
  const check = digits.pop();
  return check === checkOf(digits) ? digits.map((value, place) => value / SCALES[place]) : null;
}
