// A draw of questions that is the same for the same number.

// Mulberry32: small, and good enough to shuffle a few dozen questions.
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function shuffled(items, random) {
  const all = [...items];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

// One from each chapter first, then from all that are left; in the order of the pool.
export function drawQuestions(pool, count, seed) {
  const order = shuffled(pool, randomFrom(seed));
  const chapters = new Set();
  const first = order.filter(({ chapter }) => !chapters.has(chapter) && chapters.add(chapter));
  const rest = order.filter((question) => !first.includes(question));
  const chosen = new Set([...first, ...rest].slice(0, count));
  return pool.filter((question) => chosen.has(question));
}
