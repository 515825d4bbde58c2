// The linear-quadratic model: n fractions of d Gy, no term for proliferation.

// What a schedule consists of, as the settings of the widgets name it.
export const SCHEDULE = ["total_dose_gy", "fractions", "alpha_beta"];

export const bed = (dose, fractions, alphaBeta) => dose * (1 + dose / fractions / alphaBeta);

export const bedOf = (schedule) => bed(...SCHEDULE.map((key) => schedule[key]));

// The total dose in fractions of 2 Gy with the same BED.
export const eqd2 = (dose, fractions, alphaBeta) => bed(dose, fractions, alphaBeta) / (1 + 2 / alphaBeta);

// The total dose that gives a BED in so many fractions: the positive root of the same equation.
export const doseForBed = (value, fractions, alphaBeta) =>
  ((fractions * alphaBeta) / 2) * (Math.sqrt(1 + (4 * value) / (fractions * alphaBeta)) - 1);
