// Settings as the hash of an address: #name?key=value&...

export const toHash = (name, values) => `#${name}?${new URLSearchParams(values)}`;

// Whether a number from a link may be a setting: `spec` has the range and the step of its slider.
// Where the slider moves by whole numbers, no other is one.
export const inRange = ({ range: [low, high], step }, value) =>
  value >= low && value <= high && (Number.isInteger(value) || !Number.isInteger(step));

// The settings that a hash holds, or null if it is not this widget's. What is no setting, or no
// valid value of it, is left out: a link can come from anywhere. `known` has a value of each.
export function fromHash(name, hash, known, valid) {
  if (!hash.startsWith(`#${name}?`)) return null;
  const found = {};
  for (const [key, text] of new URLSearchParams(hash.slice(name.length + 2))) {
    if (!Object.hasOwn(known, key) || text === "") continue;
    const value = typeof known[key] === "number" ? Number(text) : text;
    if (valid(key, value)) found[key] = value;
  }
  return found;
}
