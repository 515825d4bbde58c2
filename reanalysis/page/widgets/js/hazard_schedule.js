// Dose and fractions behind a BED: the nearest regimen, or any other dose in as many fractions.

import { bed, doseForBed } from "./dose.js";
import { clamp } from "./plot.js";

// The regimen that a patient has, or undefined.
export const regimenOf = (data, patient) =>
  data.regimens.find(
    ([dose, n]) =>
      dose === patient.total_dose_gy && n === patient.fractions && patient.alpha_beta === data.alpha_beta,
  );

// The settings of a patient with a BED: those of a regimen if it is `near` enough, in Gy.
export function scheduleFor(data, patient, value, near) {
  const apart = ([dose, n]) => Math.abs(bed(dose, n, data.alpha_beta) - value);
  const regimen = data.regimens.find((one) => apart(one) <= near);
  if (regimen) return { total_dose_gy: regimen[0], fractions: regimen[1], alpha_beta: data.alpha_beta };
  const dose = doseForBed(value, patient.fractions, patient.alpha_beta);
  return { total_dose_gy: clamp(dose, ...data.numbers.total_dose_gy.range) };
}
