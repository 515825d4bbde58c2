// The arithmetic of a decision to re-treat everybody who waits. Shares are in percent.

export function weigh(waiting, failures, prevents, harms) {
  const prevented = (failures * prevents) / 100;
  const harmed = (waiting * harms) / 100;
  return {
    treated: waiting,
    vain: waiting - failures,
    prevented,
    harmed,
    each: prevented > 0 ? harmed / prevented : null,
  };
}
