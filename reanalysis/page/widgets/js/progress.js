// What a reader has solved, kept in this browser alone. A browser may refuse to remember anything:
// then it holds for this page.

const PROGRESS = "reanalysis-exercises";
let progressHere = {};

export function recall() {
  try {
    return JSON.parse(localStorage.getItem(PROGRESS)) ?? progressHere;
  } catch {
    return progressHere;
  }
}

function keep(progress) {
  progressHere = progress;
  try {
    localStorage.setItem(PROGRESS, JSON.stringify(progress));
  } catch {
    // Nothing is lost but the memory.
  }
}

// `mark` changes with the right answer: of another cohort an exercise is not solved yet.
export const record = ({ id, mark }) => {
  const found = recall()[id];
  return found?.mark === mark ? found : { mark, tries: 0, solved: false };
};

export function addTry(question, right) {
  const { tries, solved } = record(question);
  const entry = { mark: question.mark, tries: tries + 1, solved: solved || right };
  keep({ ...recall(), [question.id]: entry });
}

export function forgetAll() {
  keep({});
  try {
    localStorage.removeItem(PROGRESS);
  } catch {
    // There was nothing to forget.
  }
}
